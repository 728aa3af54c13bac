// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.credential.Accounts;
import io.margay.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Properties;
import java.util.Set;

/** Reads the options of a guest from a configuration. */
final class GuestSettings {
    private static final String HOME = "margay";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private final String[] values;
    private final Map<CommandOption, String> given;

    private GuestSettings(Path base, Map<CommandOption, String> given) {
        this.values = CommandOption.defaults(Defaults.of(base.resolve(HOME), new Properties()));
        this.given = given;
        given.forEach((option, text) -> values[option.ordinal()] = text);
    }

    /**
     * Reads a configuration.
     *
     * @param properties names and values; names with a dot belong to the container
     * @param base where relative paths of the defaults start
     * @throws StartException that names the property
     */
    static CommandLine read(Map<String, ?> properties, Path base, Accounts accounts) {
        Map<String, Object> own = new LinkedHashMap<>(properties);
        own.keySet().removeIf(name -> name.indexOf('.') >= 0);
        try {
            Map<CommandOption, String> given = ConfiguredOptions.of(own);
            ConfiguredOptions.check(given);
            ConfiguredAccounts.check(given, accounts);
            GuestSettings settings = new GuestSettings(base, given);
            settings.prepare(base.resolve(HOME));
            return new CommandLine(settings.values, true, given.keySet());
        } catch (ConfigurationException e) {
            throw new StartException(e.getMessage(), e);
        }
    }

    /** What nobody has named is ours to make, and the state, which nobody else may see. */
    private void prepare(Path home) {
        try {
            if (!given.containsKey(CommandOption.LOG)) {
                Files.createDirectories(path(CommandOption.LOG).getParent());
            }
            if (!given.containsKey(CommandOption.MODULESDIR)) {
                Files.createDirectories(path(CommandOption.MODULESDIR));
            }
            Path state = path(CommandOption.STATEDIR);
            if (!Files.exists(state)) {
                Files.createDirectories(state.getParent());
                Files.createDirectory(state, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            }
        } catch (IOException e) {
            throw new StartException("cannot make the directories of the server in \"" + home + "\": " + e, e);
        }
    }

    private Path path(CommandOption option) {
        return Path.of(values[option.ordinal()]).toAbsolutePath();
    }
}
