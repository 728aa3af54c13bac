// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.ServerOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The options of the server ({@code spec/processes.md §7}). Paths are as given; a relative one starts at the current
 * directory.
 */
public final class CommandLine implements ServerOptions {
    private static final int DEFAULT_MODE = 0600;

    private final String[] values;
    private final boolean daemon;
    /** What is said explicitly. */
    private final Set<CommandOption> given;
    private final Map<String, String> console;

    CommandLine(String[] values, boolean daemon, Set<CommandOption> given) {
        this(values, daemon, given, Map.of());
    }

    private CommandLine(String[] values, boolean daemon, Set<CommandOption> given, Map<String, String> console) {
        this.values = values;
        this.daemon = daemon;
        this.given = given;
        this.console = console;
    }

    /** {@return the same with what configurations say about options that are not on the command line} */
    CommandLine with(Configurations configurations) {
        String[] all = values.clone();
        Set<CommandOption> said = EnumSet.noneOf(CommandOption.class);
        said.addAll(given);
        configurations.options().forEach((option, text) -> {
            if (said.add(option)) {
                all[option.ordinal()] = text;
            }
        });
        return new CommandLine(all, daemon, said, configurations.console());
    }

    /** {@return whether the start command returns while the server runs on} */
    public boolean daemon() {
        return daemon;
    }

    /**
     * {@return the address of the control socket: {@code unix:/path}, {@code unix:@name}, {@code 127.0.0.1:8000},
     * ...}
     */
    @Override
    public String control() {
        return value(CommandOption.CONTROL);
    }

    /** {@return the mode of a control socket file; what is no octal number, or zero, means 0600} */
    @Override
    public int controlMode() {
        try {
            int mode = Integer.parseInt(value(CommandOption.CONTROL_MODE), 8);
            return mode <= 0 || mode > 07777 ? DEFAULT_MODE : mode;
        } catch (NumberFormatException e) {
            return DEFAULT_MODE;
        }
    }

    /** {@return who shall own the control socket file} */
    @Override
    public Optional<String> controlUser() {
        return optional(CommandOption.CONTROL_USER);
    }

    /** {@return the group that the control socket file shall have} */
    @Override
    public Optional<String> controlGroup() {
        return optional(CommandOption.CONTROL_GROUP);
    }

    /** {@return the file with the rules of who may use the control API} */
    @Override
    public String controlPolicy() {
        return value(CommandOption.CONTROL_POLICY);
    }

    /** {@return whether that file was named, on the command line or in a configuration, and hence must exist} */
    @Override
    public boolean controlPolicyGiven() {
        return given.contains(CommandOption.CONTROL_POLICY);
    }

    /** {@return the address of the web console; empty when there shall be none} */
    Optional<String> console() {
        return optional(CommandOption.CONSOLE);
    }

    /** {@return what its configuration says besides the address} */
    Map<String, String> consoleProperties() {
        return console;
    }

    /** {@return the pid file} */
    @Override
    public String pid() {
        return value(CommandOption.PID);
    }

    /** {@return the log file} */
    @Override
    public String log() {
        return value(CommandOption.LOG);
    }

    /** {@return the directory of the language modules} */
    @Override
    public String modulesDirectory() {
        return value(CommandOption.MODULESDIR);
    }

    /** {@return the directory of configuration, certificates and scripts} */
    @Override
    public String stateDirectory() {
        return value(CommandOption.STATEDIR);
    }

    /** {@return the directory whose files are applied when the state directory holds nothing yet} */
    @Override
    public Optional<String> importDirectory() {
        return optional(CommandOption.IMPORT);
    }

    /** {@return the directory for temporary files} */
    @Override
    public String temporaryDirectory() {
        return value(CommandOption.TMPDIR);
    }

    /** {@return the account of the unprivileged processes} */
    @Override
    public String user() {
        return value(CommandOption.USER);
    }

    /** {@return the group of the unprivileged processes; empty means the user's primary group} */
    @Override
    public Optional<String> group() {
        return optional(CommandOption.GROUP);
    }

    private String value(CommandOption option) {
        return values[option.ordinal()];
    }

    private Optional<String> optional(CommandOption option) {
        String value = value(option);
        return value == null || value.isEmpty() ? Optional.empty() : Optional.of(value);
    }

    /** What a command line asks for. */
    sealed interface Outcome {
        /**
         * Start the server.
         *
         * @param line the options
         * @param notes lines for standard error, each with its line end
         */
        record Start(CommandLine line, String notes) implements Outcome {
        }

        /**
         * Print and leave.
         *
         * @param out for standard output
         * @param err for standard error
         * @param code of the exit
         */
        record Answer(String out, String err, int code) implements Outcome {
        }
    }

    /**
     * Reads the arguments from left to right: the first that asks for an answer or is wrong ends the reading.
     *
     * @param program the name of the server in messages
     * @param version the version that clients see
     */
    static Outcome parse(String program, List<String> arguments, Defaults defaults, String version) {
        String[] values = CommandOption.defaults(defaults);
        StringBuilder notes = new StringBuilder();
        boolean daemon = true;
        Set<CommandOption> given = EnumSet.noneOf(CommandOption.class);
        for (int i = 0; i < arguments.size(); i++) {
            String argument = arguments.get(i);
            CommandOption option = CommandOption.named(argument);
            if (option == null) {
                return wrong(notes,
                    "unknown option \"" + argument + "\", try \"" + program + " -h\" for available options");
            }
            switch (option) {
                case VERSION -> {
                    return new Outcome.Answer("", notes + CommandOption.version(defaults, version), 0);
                }
                case HELP -> {
                    return new Outcome.Answer(CommandOption.help(defaults), notes.toString(), 0);
                }
                case NO_DAEMON -> daemon = false;
                default -> {
                    if (!argument.equals(option.text)) {
                        notes.append("option \"").append(argument).append("\" is deprecated; use \"")
                            .append(option.text).append("\" instead\n");
                    }
                    if (++i == arguments.size()) {
                        return wrong(notes, "option \"" + option.text + "\" requires " + option.needs);
                    }
                    values[option.ordinal()] = arguments.get(i);
                    given.add(option);
                }
            }
        }
        return new Outcome.Start(new CommandLine(values, daemon, given), notes.toString());
    }

    /**
     * {@return the configured defaults of a distribution, as no option at all gives them}
     *
     * @throws IOException when {@code config/unitd.defaults} is there and cannot be read
     */
    public static CommandLine defaults(Path home) throws IOException {
        return new CommandLine(CommandOption.defaults(Defaults.read(home)), true, Set.of());
    }

    private static Outcome wrong(StringBuilder notes, String message) {
        return new Outcome.Answer("", notes + message + "\n", 1);
    }
}
