// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.credential.AccountException;
import io.margay.credential.Accounts;
import io.margay.posix.Address;
import io.margay.process.StartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Reads the options of a guest from a configuration. What is wrong is an error that names the property, before
 * anything starts: unlike a command line, a configuration has no user who looks at it when it is used.
 */
final class GuestSettings {
    private static final Set<CommandOption> NONE =
        // A container has the web console by a configuration of its own.
        EnumSet.of(CommandOption.VERSION, CommandOption.HELP, CommandOption.NO_DAEMON, CommandOption.CONSOLE);
    private static final String HOME = "margay";
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");
    private static final int PREFIX = "--".length();

    private final String[] values;
    private final Set<CommandOption> given = EnumSet.noneOf(CommandOption.class);

    private GuestSettings(Path base) {
        this.values = CommandOption.defaults(Defaults.of(base.resolve(HOME), new Properties()));
    }

    /**
     * Reads a configuration.
     *
     * @param properties names and values; names with a dot belong to the container
     * @param base where relative paths of the defaults start
     * @throws StartException that names the property
     */
    static CommandLine read(Map<String, ?> properties, Path base, Accounts accounts) {
        GuestSettings settings = new GuestSettings(base);
        properties.forEach(settings::take);
        for (CommandOption option : settings.given) {
            settings.check(option, accounts);
        }
        settings.prepare(base.resolve(HOME));
        return new CommandLine(settings.values, true, settings.given.contains(CommandOption.CONTROL_POLICY));
    }

    private void take(String name, Object value) {
        if (name.indexOf('.') >= 0) {
            return;
        }
        CommandOption option = Optional.ofNullable(CommandOption.named("--" + name))
            .filter(known -> !NONE.contains(known) && name.equals(name(known)))
            .orElseThrow(() -> new StartException("there is no property \"" + name + "\"; there are "
                + Arrays.stream(CommandOption.values()).filter(known -> !NONE.contains(known))
                    .map(GuestSettings::name).collect(Collectors.joining(", "))));
        if (!(value instanceof String || value instanceof Number)) {
            throw wrong(option, "must be one text");
        }
        String text = String.valueOf(value).strip();
        if (!text.isEmpty()) {
            values[option.ordinal()] = text;
            given.add(option);
        }
    }

    private void check(CommandOption option, Accounts accounts) {
        String text = values[option.ordinal()];
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw wrong(option, "holds a control character");
        }
        switch (option) {
            case CONTROL -> {
                try {
                    Address.parse(text);
                } catch (IllegalArgumentException e) {
                    throw wrong(option, "is no address: " + e.getMessage());
                }
            }
            case CONTROL_MODE -> {
                if (!text.matches("0*[1-7][0-7]{0,3}")) {
                    throw wrong(option, "must be an octal mode like 0660");
                }
            }
            case CONTROL_POLICY -> require(option, Files.isRegularFile(Path.of(text)), "is no file");
            case IMPORT -> require(option, Files.isDirectory(Path.of(text)), "is no directory");
            case TMPDIR -> require(option, Files.isDirectory(Path.of(text)) && Files.isWritable(Path.of(text)),
                "is no directory that may be written to");
            case USER, CONTROL_USER -> account(option, () -> accounts.uid(text).isPresent(), "is no user");
            case GROUP, CONTROL_GROUP -> account(option, () -> accounts.gid(text).isPresent(), "is no group");
            default -> {
                Path parent = Path.of(text).toAbsolutePath().getParent();
                require(option, parent == null || !Files.exists(parent) || Files.isDirectory(parent),
                    "lies in what is no directory");
            }
        }
    }

    /** Asks for an account. */
    private interface Question {
        boolean answer();
    }

    private void account(CommandOption option, Question known, String otherwise) {
        try {
            require(option, known.answer(), otherwise);
        } catch (AccountException e) {
            throw wrong(option, "cannot be looked up: " + e.getMessage());
        }
    }

    private void require(CommandOption option, boolean good, String otherwise) {
        if (!good) {
            throw wrong(option, otherwise);
        }
    }

    private StartException wrong(CommandOption option, String what) {
        String value = given.contains(option) ? " \"" + values[option.ordinal()] + "\"" : "";
        return new StartException("property \"" + name(option) + "\"" + value + " " + what);
    }

    /** What nobody has named is ours to make, and the state, which nobody else may see. */
    private void prepare(Path home) {
        try {
            if (!given.contains(CommandOption.LOG)) {
                Files.createDirectories(path(CommandOption.LOG).getParent());
            }
            if (!given.contains(CommandOption.MODULESDIR)) {
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

    private static String name(CommandOption option) {
        return option.text.substring(PREFIX);
    }
}
