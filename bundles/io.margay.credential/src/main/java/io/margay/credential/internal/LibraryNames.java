// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import io.margay.posix.Names;
import io.margay.posix.PosixException;

/** The name services of the C library. */
final class LibraryNames implements NameService {
    @Override
    public Answer user(String name) {
        try {
            return Names.user(name).map(user -> Answer.entry(user.uid(), user.gid())).orElse(Answer.nothing(0));
        } catch (PosixException e) {
            return Answer.nothing(e.errno());
        }
    }

    @Override
    public Answer group(String name) {
        try {
            return Names.group(name).map(gid -> Answer.entry(0, gid)).orElse(Answer.nothing(0));
        } catch (PosixException e) {
            return Answer.nothing(e.errno());
        }
    }
}
