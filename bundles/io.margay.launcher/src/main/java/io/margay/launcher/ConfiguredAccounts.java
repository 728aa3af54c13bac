// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;

/** Names of accounts among the options of a configuration; apart, since the control tool knows no accounts. */
final class ConfiguredAccounts {
    private static final Set<CommandOption> USERS = EnumSet.of(CommandOption.USER, CommandOption.CONTROL_USER);
    private static final Set<CommandOption> GROUPS = EnumSet.of(CommandOption.GROUP, CommandOption.CONTROL_GROUP);

    private ConfiguredAccounts() {
    }

    /** {@return whether some of the options are names of accounts} */
    static boolean areIn(Map<CommandOption, String> given) {
        return given.keySet().stream().anyMatch(option -> USERS.contains(option) || GROUPS.contains(option));
    }

    /**
     * Looks whether there are the accounts.
     *
     * @throws ConfigurationException that names the property
     */
    static void check(Map<CommandOption, String> given, Accounts accounts) {
        given.forEach((option, name) -> {
            try {
                if (USERS.contains(option)) {
                    ConfiguredOptions.require(option, name, accounts.uid(name).isPresent(), "is no user");
                } else if (GROUPS.contains(option)) {
                    ConfiguredOptions.require(option, name, accounts.gid(name).isPresent(), "is no group");
                }
            } catch (AccountException e) {
                throw ConfiguredOptions.wrong(option, name, "cannot be looked up: " + e.getMessage());
            }
        });
    }
}
