// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** A shell in the main process of a server. */
final class ShellVerb extends Verb {
    private final Argument<String> command = option(String.class, null, "COMMAND", "run this and leave", "-c",
        "--command");
    private final Argument<String> input = option(String.class, null, "FILE",
        "what commands take that want a content, such as cert:put; - for standard input", "--input");

    ShellVerb(Unitctl tool) {
        super(tool, "shell", "Runs commands in a server: about it, and about the bundles of its main process.",
            "Without -c they are read from the terminal, else line by line from standard input until one fails. "
                + "`unitctl shell -c unit:help` lists them. For root and the account of the server only.");
    }

    @Override
    public Integer call() throws Exception {
        List<ControlClient> clients = clients();
        if (clients.size() > 1) {
            throw ToolException.usage("a shell is that of one server");
        }
        if (command.value() == null && "-".equals(input.value())) {
            throw ToolException.usage("--input - is for -c, since the commands come from there otherwise");
        }
        Optional<String> content = input.value() == null ? Optional.empty()
            : Optional.of(new String(ToolContent.read(input.value(), io()), StandardCharsets.UTF_8));
        try (ShellClient shell = ShellClient.open(clients.getFirst())) {
            if (command.value() != null) {
                return run(shell, command.value(), content);
            }
            return io().screen() ? new ShellTerminal(io(), shell).run(content) : script(shell, content);
        }
    }

    private int script(ShellClient shell, Optional<String> content) throws ToolException, IOException {
        BufferedReader lines = new BufferedReader(new InputStreamReader(io().in(), StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            if (!line.isBlank() && !line.strip().startsWith("#")) {
                int status = run(shell, line, content);
                if (status != ToolException.DONE) {
                    return status;
                }
            }
        }
        return ToolException.DONE;
    }

    private int run(ShellClient shell, String line, Optional<String> content) throws ToolException {
        ShellClient.Outcome outcome = shell.run(line, content);
        io().out().print(Io.harmless(outcome.output()));
        io().out().flush();
        io().err().print(Io.harmless(outcome.error()));
        io().err().flush();
        return outcome.status();
    }
}
