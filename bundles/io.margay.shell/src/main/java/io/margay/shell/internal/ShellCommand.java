// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.main.CommandShell;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Function;

/**
 * A command: a component that says {@code osgi.command.scope} and {@code osgi.command.function}, with one line about
 * itself and one about its parameters, by which calls are checked and completed. It may wait, and ends when its thread
 * is interrupted.
 */
abstract class ShellCommand implements Function {
    /** What a session knows of the server: {@link CommandShell.Server}. */
    static final String SERVER = ".margay.server";
    /** What ends calls that take too long. */
    static final String TIMER = ".margay.timer";
    /** The text that the client has sent along; null for none. */
    static final String INPUT = ".margay.input";
    /** All commands, by their names. */
    static final String COMMANDS = ".margay.commands";

    private final String name;
    private final Parameters parameters;
    private final String description;

    /**
     * Declares it.
     *
     * @param name scope and function
     * @param parameters such as {@code NAME [FILE] [-f]}
     * @param description one line
     */
    ShellCommand(String name, String parameters, String description) {
        this.name = name;
        this.parameters = Parameters.of(parameters);
        this.description = description;
    }

    /** {@return scope and function} */
    final String name() {
        return name;
    }

    final Parameters parameters() {
        return parameters;
    }

    final String description() {
        return description;
    }

    /**
     * Does it.
     *
     * @return what to show, without a line end; nothing when empty
     * @throws Exception which is told to the user
     */
    abstract String run(ShellCall call) throws Exception;

    @Override
    public final Object execute(CommandSession session, List<Object> arguments) throws Exception {
        if (arguments.stream().map(String::valueOf).anyMatch(Set.of("-h", "--help")::contains)) {
            return help();
        }
        if (!(session.get(SERVER) instanceof CommandShell.Server server)
                || !(session.get(TIMER) instanceof ScheduledExecutorService timer)) {
            throw new ShellException(ShellException.FAILED, name + " is for \"unitctl shell\"");
        }
        Parameters.Given given = parameters.check(name, arguments);
        String text = run(new ShellCall(server, timer, Optional.ofNullable((String) session.get(INPUT)), given,
            commands(session)));
        return text.isEmpty() ? null : text;
    }

    /** {@return all commands that a session knows} */
    @SuppressWarnings("unchecked")
    static Map<String, ShellCommand> commands(CommandSession session) {
        return session.get(COMMANDS) instanceof Map<?, ?> map ? (Map<String, ShellCommand>) map : Map.of();
    }

    /** {@return what {@code -h} shows} */
    final String help() {
        return (name + " " + parameters.text()).stripTrailing() + "\n    " + description;
    }
}
