// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.Credential;
import io.margay.isolation.Identity;
import io.margay.posix.Credentials;
import java.util.Optional;

/** Who the children of main are. */
final class Identities {

    private Identities() {
    }

    static Identity of(Credential credential) {
        return new Identity(credential.user(), credential.uid(), credential.gid(), Optional.of(credential.groups()));
    }

    /**
     * What children have to be from their first moment: setuid() takes capabilities from all threads of a program only
     * when it leaves root, so those of another user that were given to main must be gone before there are threads.
     */
    static Optional<Identity> capable(Optional<Identity> wanted) {
        int uid = Credentials.effectiveUid();
        return uid == 0 || Credentials.effectiveCapabilities() == 0 ? Optional.empty()
            : Optional.of(wanted.orElseGet(() -> new Identity(Integer.toUnsignedString(uid), uid,
                Credentials.effectiveGid(), Optional.empty())));
    }
}
