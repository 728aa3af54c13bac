// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.posix.Address;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Options of the server out of a configuration. What is wrong is an error that names the property, before anything
 * starts: unlike a command line, a configuration has no user who looks at it when it is used.
 */
final class ConfiguredOptions {
    private static final Set<CommandOption> NONE =
        // The web console has a configuration of its own.
        EnumSet.of(CommandOption.VERSION, CommandOption.HELP, CommandOption.NO_DAEMON, CommandOption.CONSOLE);
    private static final int PREFIX = "--".length();

    private ConfiguredOptions() {
    }

    /**
     * {@return the options that a configuration gives; an empty text gives none}
     *
     * @throws ConfigurationException that names the property
     */
    static Map<CommandOption, String> of(Map<String, ?> properties) {
        Map<CommandOption, String> given = new EnumMap<>(CommandOption.class);
        properties.forEach((name, value) -> {
            CommandOption option = named(name);
            if (!(value instanceof String || value instanceof Number)) {
                throw new ConfigurationException("property \"" + name + "\" must be one text");
            }
            String text = String.valueOf(value).strip();
            if (text.chars().anyMatch(Character::isISOControl)) {
                throw wrong(option, text, "holds a control character");
            }
            if (!text.isEmpty()) {
                given.put(option, text);
            }
        });
        return given;
    }

    private static CommandOption named(String name) {
        return Optional.ofNullable(CommandOption.named("--" + name))
            .filter(known -> !NONE.contains(known) && name.equals(name(known)))
            .orElseThrow(() -> new ConfigurationException("there is no property \"" + name + "\"; there are "
                + Arrays.stream(CommandOption.values()).filter(known -> !NONE.contains(known))
                    .map(ConfiguredOptions::name).collect(Collectors.joining(", "))));
    }

    /**
     * Looks whether the values can be what they are said to be, all but names of accounts.
     *
     * @throws ConfigurationException that names the property
     */
    static void check(Map<CommandOption, String> given) {
        given.forEach((option, text) -> {
            switch (option) {
                case CONTROL -> {
                    try {
                        Address.parse(text);
                    } catch (IllegalArgumentException e) {
                        throw wrong(option, text, "is no address: " + e.getMessage());
                    }
                }
                case CONTROL_MODE -> require(option, text, text.matches("0*[1-7][0-7]{0,3}"),
                    "must be an octal mode like 0660");
                case CONTROL_POLICY -> require(option, text, Files.isRegularFile(Path.of(text)), "is no file");
                case IMPORT -> require(option, text, Files.isDirectory(Path.of(text)), "is no directory");
                case TMPDIR -> require(option, text, Files.isDirectory(Path.of(text))
                    && Files.isWritable(Path.of(text)), "is no directory that may be written to");
                case PID, LOG, MODULESDIR, STATEDIR -> {
                    Path parent = Path.of(text).toAbsolutePath().getParent();
                    require(option, text, parent == null || !Files.exists(parent) || Files.isDirectory(parent),
                        "lies in what is no directory");
                }
                default -> {
                    // An account, or the address of the console, which is looked at elsewhere.
                }
            }
        });
    }

    /** Refuses a value unless it is good. */
    static void require(CommandOption option, String text, boolean good, String otherwise) {
        if (!good) {
            throw wrong(option, text, otherwise);
        }
    }

    /** {@return an error that names the property and its value} */
    static ConfigurationException wrong(CommandOption option, String text, String what) {
        return new ConfigurationException("property \"" + name(option) + "\" \"" + text + "\" " + what);
    }

    private static String name(CommandOption option) {
        return option.text.substring(PREFIX);
    }
}
