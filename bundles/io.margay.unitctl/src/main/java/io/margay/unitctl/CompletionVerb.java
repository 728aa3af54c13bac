// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.util.List;
import java.util.stream.Stream;
import picocli.AutoComplete;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** Writes what shells need to complete the command line. */
final class CompletionVerb extends Verb {
    private static final List<String> SHELLS = List.of("bash", "zsh", "fish");

    private final Argument<String> shell = parameter(String.class, null, "bash|zsh|fish", "the shell");

    CompletionVerb(Unitctl tool) {
        super(tool, "completion", "Writes a completion script for a shell.",
            "  bash: . <(unitctl completion bash)", "  fish: unitctl completion fish | source");
    }

    @Override
    public Integer call() throws ToolException {
        if (!SHELLS.contains(shell.value())) {
            throw ToolException.usage("\"" + shell.value() + "\" is none of " + String.join(", ", SHELLS));
        }
        CommandLine line = Unitctl.commandLine(io());
        // zsh takes the script of bash, which turns on what it needs.
        io().out().print(shell.value().equals("fish") ? fish(line.getCommandSpec())
            : AutoComplete.bash("unitctl", line));
        io().out().flush();
        return ToolException.DONE;
    }

    private static String fish(CommandSpec root) {
        StringBuilder out = new StringBuilder("# fish completion for unitctl\n");
        options(out, root, "__fish_use_subcommand");
        root.subcommands().forEach((name, line) -> {
            CommandSpec spec = line.getCommandSpec();
            command(out, "__fish_use_subcommand", name, spec);
            String seen = "__fish_seen_subcommand_from " + name;
            options(out, spec, seen);
            spec.subcommands().forEach((inner, innerLine) -> {
                command(out, seen, inner, innerLine.getCommandSpec());
                options(out, innerLine.getCommandSpec(), seen + "; and __fish_seen_subcommand_from " + inner);
            });
        });
        return out.toString();
    }

    private static void command(StringBuilder out, String condition, String name, CommandSpec spec) {
        out.append("complete -c unitctl -n ").append(quoted(condition)).append(" -a ").append(name)
            .append(" -d ").append(quoted(first(spec.usageMessage().description()))).append('\n');
    }

    private static void options(StringBuilder out, CommandSpec spec, String condition) {
        for (OptionSpec option : spec.options()) {
            out.append("complete -c unitctl -n ").append(quoted(condition));
            Stream.of(option.names()).forEach(name ->
                out.append(name.startsWith("--") ? " -l " + name.substring(2) : " -s " + name.substring(1)));
            if (option.arity().max() > 0) {
                out.append(" -r");
            }
            if (option.completionCandidates() != null) {
                out.append(" -f -a ").append(quoted(String.join(" ", option.completionCandidates())));
            }
            out.append(" -d ").append(quoted(first(option.description()))).append('\n');
        }
    }

    private static String first(String[] description) {
        return description.length == 0 ? "" : description[0].replaceAll(" ?\\(default: .*|\\$\\{[^}]*}", "");
    }

    private static String quoted(String text) {
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }
}
