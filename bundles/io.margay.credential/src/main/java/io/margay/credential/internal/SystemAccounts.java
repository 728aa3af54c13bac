// SPDX-License-Identifier: Apache-2.0
package io.margay.credential.internal;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.credential.Credential;
import io.margay.posix.PosixException;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** {@link Accounts} with the texts of spec/isolation.md §1 and spec/processes.md §9. */
@Component
public final class SystemAccounts implements Accounts {
    private final Database database;

    /** On the system's databases. */
    @Activate
    public SystemAccounts() {
        this(new JnrDatabase());
    }

    SystemAccounts(Database database) {
        this.database = database;
    }

    @Override
    public Credential resolve(String user, String group) throws AccountException {
        Database.User entry = user(user);
        int gid = group.isEmpty() ? entry.gid() : group(group);
        try {
            return new Credential(user, entry.uid(), gid, database.groups(user, gid));
        } catch (PosixException failure) {
            throw new AccountException(failure.getMessage());
        }
    }

    @Override
    public int uid(String user) throws AccountException {
        int errno = 0;
        try {
            Optional<Database.User> entry = database.user(user);
            if (entry.isPresent()) {
                return entry.get().uid();
            }
        } catch (Database.LookupException failure) {
            errno = failure.errno();
        }
        throw new AccountException("getpwnam_r(\"" + user + "\", ...) failed " + PosixException.describe(errno)
            + " (User not found)");
    }

    @Override
    public int gid(String group) throws AccountException {
        int errno = 0;
        try {
            Optional<Integer> id = database.group(group);
            if (id.isPresent()) {
                return id.get();
            }
        } catch (Database.LookupException failure) {
            errno = failure.errno();
        }
        throw new AccountException("getgrnam_r(\"" + group + "\", ...) failed " + PosixException.describe(errno)
            + " (Group not found)");
    }

    private Database.User user(String name) throws AccountException {
        String call = "getpwnam(\"" + name + "\") failed";
        try {
            return database.user(name)
                .orElseThrow(() -> new AccountException(call + ", user \"" + name + "\" not found"));
        } catch (Database.LookupException failure) {
            throw new AccountException(call + " " + PosixException.describe(failure.errno()));
        }
    }

    private int group(String name) throws AccountException {
        String call = "getgrnam(\"" + name + "\") failed";
        try {
            return database.group(name)
                .orElseThrow(() -> new AccountException(call + ", group \"" + name + "\" not found"));
        } catch (Database.LookupException failure) {
            throw new AccountException(call + " " + PosixException.describe(failure.errno()));
        }
    }
}
