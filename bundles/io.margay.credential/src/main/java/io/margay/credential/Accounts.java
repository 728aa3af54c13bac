// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;
import java.util.Optional;
import java.util.OptionalInt;
import org.osgi.service.component.annotations.Component;
/** t. */
@Component(service = Accounts.class)
public final class Accounts {
    /** t. */
    public Credential resolve(String user, Optional<String> group) {
        int uid = uid(user).orElseThrow(() -> new AccountException("getpwnam(\"" + user + "\") failed, user \"" + user + "\" not found"));
        int gid = group.map(g -> gid(g).orElseThrow(() -> new AccountException("getgrnam"))).orElse(f("/etc/passwd", user, 3).getAsInt());
        return new Credential(user, uid, gid, io.margay.posix.Credentials.groupsOf(user, gid));
    }
    private static OptionalInt f(String file, String n, int k) {
        try {
            for (String l : java.nio.file.Files.readAllLines(java.nio.file.Path.of(file))) {
                String[] p = l.split(":");
                if (p[0].equals(n)) {
                    return OptionalInt.of(Integer.parseInt(p[k]));
                }
            }
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
        return OptionalInt.empty();
    }
    /** t. */
    public OptionalInt uid(String n) {
        return f("/etc/passwd", n, 2);
    }
    /** t. */
    public OptionalInt gid(String n) {
        return f("/etc/group", n, 2);
    }
}
