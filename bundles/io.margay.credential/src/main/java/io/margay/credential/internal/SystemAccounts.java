// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.credential.internal.NameService.Answer;
import io.margay.posix.Credentials;
import io.margay.posix.Errno;
import io.margay.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Function;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The accounts that the C library knows. */
@Component(service = Accounts.class)
public final class SystemAccounts implements Accounts {
    /** What name services leave behind when they have no entry, by getpwnam(3). */
    private static final Set<Integer> NOT_FOUND =
        Set.of(0, Errno.ENOENT, Errno.ESRCH, Errno.EBADF, Errno.EPERM);
    private static final Set<Integer> PASSING = Set.of(Errno.EINTR, Errno.EAGAIN);
    private static final int ATTEMPTS = 3;
    /** No name service has longer names; this keeps those of a configuration out of C's stack. */
    private static final int NAME_MAX = 1024;
    /** The id that means "leave as it is" to chown and setresuid, so that nobody can have it. */
    private static final int NO_ID = -1;

    private final NameService names;

    /** With the C library of this process. */
    @Activate
    public SystemAccounts() {
        this(new LibraryNames());
    }

    SystemAccounts(NameService names) {
        this.names = names;
    }

    @Override
    public Credential resolve(String user, Optional<String> group) {
        Answer entry = user(user).orElseThrow(() -> notFound("getpwnam", "user", user));
        int gid = entry.gid();
        if (group.isPresent() && !group.get().isEmpty()) {
            String name = group.get();
            gid = group(name).orElseThrow(() -> notFound("getgrnam", "group", name)).gid();
        }
        try {
            return new Credential(user, entry.uid(), gid, Credentials.groupsOf(user, gid));
        } catch (PosixException e) {
            throw new AccountException(e.getMessage(), e);
        }
    }

    @Override
    public OptionalInt uid(String name) {
        return user(name).map(entry -> OptionalInt.of(entry.uid())).orElse(OptionalInt.empty());
    }

    @Override
    public OptionalInt gid(String name) {
        return group(name).map(entry -> OptionalInt.of(entry.gid())).orElse(OptionalInt.empty());
    }

    private Optional<Answer> user(String name) {
        return ask("getpwnam", name, names::user);
    }

    private Optional<Answer> group(String name) {
        return ask("getgrnam", name, names::group);
    }

    private static Optional<Answer> ask(String function, String name, Function<String, Answer> call) {
        if (!possible(name)) {
            return Optional.empty();
        }
        Answer answer = Answer.nothing(0);
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            answer = call.apply(name);
            if (answer.found() || !PASSING.contains(answer.errno())) {
                break;
            }
        }
        if (!answer.found() && NOT_FOUND.contains(answer.errno())) {
            return Optional.empty();
        }
        int errno = answer.uid() == NO_ID || answer.gid() == NO_ID ? Errno.EINVAL : answer.errno();
        if (errno != 0) {
            throw new AccountException(call(function, name) + " failed " + PosixException.describe(errno));
        }
        return Optional.of(answer);
    }

    /** C would take a NUL for the end, and half a surrogate pair for a question mark: another account. */
    private static boolean possible(String name) {
        return name.length() <= NAME_MAX && name.indexOf('\0') < 0
            && StandardCharsets.UTF_8.newEncoder().canEncode(name);
    }

    private static AccountException notFound(String function, String kind, String name) {
        return new AccountException(call(function, name) + " failed, " + kind + " \"" + printable(name)
            + "\" not found");
    }

    private static String call(String function, String name) {
        return function + "(\"" + printable(name) + "\")";
    }

    /** A name comes from a configuration: it may not end a line of the log or move a terminal's cursor. */
    private static String printable(String name) {
        StringBuilder text = new StringBuilder(Math.min(name.length(), NAME_MAX));
        name.codePoints().limit(NAME_MAX).map(c -> Character.isISOControl(c) ? '?' : c).forEach(text::appendCodePoint);
        return text.toString();
    }
}
