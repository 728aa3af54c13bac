// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import java.util.Optional;
import java.util.OptionalInt;

/** A name service that knows user adam, the last there can be, group staff, and fails when asked for "fails". */
final class Names implements Accounts {

    @Override
    public Credential resolve(String user, Optional<String> group) {
        throw new UnsupportedOperationException("nobody asks");
    }

    @Override
    public OptionalInt uid(String name) {
        if (name.equals("fails")) {
            throw new AccountException("the name service is down");
        }
        return name.equals("adam") ? OptionalInt.of(-2) : OptionalInt.empty();
    }

    @Override
    public OptionalInt gid(String name) {
        return name.equals("staff") ? OptionalInt.of(50) : OptionalInt.empty();
    }
}
