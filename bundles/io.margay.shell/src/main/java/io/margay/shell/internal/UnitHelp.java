// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code unit:help}: Shows the commands about the server, or one of them. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=unit", "osgi.command.function=help"})
public final class UnitHelp extends ShellCommand {

    /** Declares it. */
    public UnitHelp() {
        super("unit:help", "[COMMAND]", "Shows the commands about the server, or one of them.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        if (call.optional(0).isPresent()) {
            ShellCommand command = call.commands().get(call.word(0));
            if (command == null) {
                throw new ShellException(ShellException.USAGE, "there is no command \"" + call.word(0)
                    + "\" of the server; felix:help knows those of the container");
            }
            return command.help();
        }
        TextTable table = new TextTable("COMMAND", "TAKES", "DOES");
        call.commands().values().forEach(command -> table.row(command.name(), command.parameters().text(),
            command.description()));
        return table + "\n\nfelix:help lists the commands of the container; JSON stands in single quotes.";
    }
}
