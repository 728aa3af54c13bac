// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What orders at an authority of tests said to replace: each certificate once (RFC 9773 §5). */
final class AcmeReplacements {
    private final List<String> replaced = new ArrayList<>();

    /** Takes what an order says, if that makes sense; {@code known} when the authority speaks of renewals at all. */
    void check(Optional<String> old, boolean known) throws AcmeRefusal {
        if (old.isPresent() && !known) {
            throw new AcmeRefusal(400, "malformed", "nothing is replaced here");
        }
        if (old.filter(replaced::contains).isPresent()) {
            throw new AcmeRefusal(409, "alreadyReplaced", "there is a later one");
        }
        old.ifPresent(replaced::add);
    }

    List<String> all() {
        return List.copyOf(replaced);
    }
}
