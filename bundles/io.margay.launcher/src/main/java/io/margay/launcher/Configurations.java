// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.credential.Accounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The configurations that main reads at home when it starts: {@code PID.cfg.json} in the directory that
 * {@value #DIRECTORY} names, else in {@code config/} of the distribution. They win over {@code config/unitd.defaults},
 * and the command line wins over them. Relative paths start at the distribution. A container of somebody else has a
 * configurator of its own.
 */
final class Configurations {
    /** The variable of the environment that names the directory. */
    static final String DIRECTORY = "MARGAY_CONFIG";

    private static final String CONSOLE = "io.margay.console";
    private static final Set<String> CONSOLE_TEXTS = Set.of("address", "hosts", "control", "state", "log", "pid");
    private static final String REMOTE = "remote";

    private final Path home;
    private final Map<CommandOption, String> options = new EnumMap<>(CommandOption.class);
    private final Map<String, String> console = new LinkedHashMap<>();
    private Optional<ConfigurationFile> mainFile = Optional.empty();
    private Optional<ConfigurationFile> consoleFile = Optional.empty();

    private Configurations(Path home) {
        this.home = home;
    }

    /**
     * Reads what there is.
     *
     * @param home the distribution
     * @throws ConfigurationException that names the file, and the property if it is about one
     * @throws IOException when a file cannot be read
     */
    static Configurations read(Path home, Map<String, String> environment) throws IOException {
        Configurations all = new Configurations(home);
        String told = environment.getOrDefault(DIRECTORY, "");
        Path directory = told.isEmpty() ? home.resolve("config") : Path.of(told).toAbsolutePath();
        String[] names = directory.toFile().list();
        if (names == null) {
            if (!told.isEmpty()) {
                throw new ConfigurationException("\"" + directory + "\", which " + DIRECTORY
                    + " names, is no directory that can be read");
            }
            return all;
        }
        Arrays.sort(names);
        for (String name : names) {
            if (name.endsWith(ConfigurationFile.ENDING) && !name.startsWith(".")) {
                all.take(ConfigurationFile.read(directory.resolve(name), environment));
            }
        }
        return all;
    }

    private void take(ConfigurationFile file) {
        try {
            switch (file.pid()) {
                case Guest.PID -> {
                    mainFile = Optional.of(file);
                    ConfiguredOptions.of(file.properties()).forEach((option, text) ->
                        options.put(option, located(option, text)));
                }
                case CONSOLE -> {
                    consoleFile = Optional.of(file);
                    file.properties().forEach(this::takeConsole);
                }
                default -> throw new ConfigurationException("there is no configuration \"" + file.pid()
                    + "\"; there are " + CONSOLE + ", " + Guest.PID);
            }
        } catch (ConfigurationException e) {
            throw file.wrong(e.getMessage());
        }
    }

    private String located(CommandOption option, String text) {
        return switch (option) {
            case CONTROL -> address(text);
            case CONTROL_POLICY, PID, LOG, MODULESDIR, STATEDIR, IMPORT, TMPDIR -> home.resolve(text).toString();
            default -> text;
        };
    }

    private String address(String text) {
        return text.matches("unix:[^/@].*") ? "unix:" + home.resolve(text.substring("unix:".length())) : text;
    }

    private void takeConsole(String name, Object value) {
        if (name.equals(REMOTE)) {
            if (!(value instanceof Boolean)) {
                throw new ConfigurationException("property \"" + name + "\" must be true or false");
            }
            console.put(name, value.toString());
            return;
        }
        if (!CONSOLE_TEXTS.contains(name)) {
            throw new ConfigurationException("there is no property \"" + name
                + "\"; there are address, hosts, remote, control, state, log, pid");
        }
        String text = value instanceof String given ? given.strip() : "\n";
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new ConfigurationException("property \"" + name + "\" must be one text without control characters");
        }
        if (text.isEmpty()) {
            return;
        }
        switch (name) {
            case "address" -> options.put(CommandOption.CONSOLE, address(text));
            case "control" -> console.put(name, address(text));
            case "hosts" -> console.put(name, text);
            default -> console.put(name, home.resolve(text).toString());
        }
    }

    /**
     * Looks whether the values can be what they are said to be, all but names of accounts.
     *
     * @param remote whether the console may be reached from elsewhere, where its configuration does not say
     * @throws ConfigurationException that names file and property
     */
    void check(boolean remote) {
        checked(mainFile, () -> ConfiguredOptions.check(options));
        checked(consoleFile, () -> {
            String address = options.get(CommandOption.CONSOLE);
            Optional<String> fault = address == null ? Optional.empty()
                : ConsoleOption.fault(address, Boolean.parseBoolean(console.getOrDefault(REMOTE, "" + remote)));
            if (fault.isPresent()) {
                throw new ConfigurationException("property \"address\" \"" + address + "\" " + fault.get());
            }
            if (console.containsKey("control") && !ConsoleOption.isAddress(console.get("control"))) {
                throw new ConfigurationException("property \"control\" \"" + console.get("control")
                    + "\" is no address");
            }
        });
    }

    /** {@return whether there are names of accounts to look up} */
    boolean nameAccounts() {
        return ConfiguredAccounts.areIn(options);
    }

    /**
     * Looks whether there are the accounts.
     *
     * @throws ConfigurationException that names file and property
     */
    void check(Accounts accounts) {
        checked(mainFile, () -> ConfiguredAccounts.check(options, accounts));
    }

    private static void checked(Optional<ConfigurationFile> file, Runnable check) {
        if (file.isPresent()) {
            try {
                check.run();
            } catch (ConfigurationException e) {
                throw file.get().wrong(e.getMessage());
            }
        }
    }

    /** {@return the options that they give, the address of the console among them} */
    Map<CommandOption, String> options() {
        return options;
    }

    /** {@return the properties of the console but its address} */
    Map<String, String> console() {
        return console;
    }
}
