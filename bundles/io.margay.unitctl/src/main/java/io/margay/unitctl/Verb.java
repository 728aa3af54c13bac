// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Model.PositionalParamSpec;

/**
 * A command. What it takes is declared in its fields: annotations would be shorter, but reading them takes longer than
 * all the rest of a call.
 */
abstract class Verb implements Callable<Integer> {
    private final Unitctl tool;
    private final CommandSpec spec;
    private int parameters;

    /** What a command does with one server. */
    interface Task {
        /** {@return the result to show, empty when it was shown already} */
        Optional<Conf> on(ControlClient client) throws ToolException, IOException;
    }

    Verb(Unitctl tool, String name, String... description) {
        this.tool = tool;
        this.spec = CommandSpec.wrapWithoutInspection(this).name(name);
        spec.usageMessage().description(description).sortOptions(false);
        spec.addOption(OptionSpec.builder("-h", "--help").usageHelp(true).description("shows this").build());
    }

    /** {@return how the command line sees it} */
    final CommandSpec spec() {
        return spec;
    }

    /** Declares a flag. */
    final Argument<Boolean> flag(String description, String... names) {
        Argument<Boolean> argument = new Argument<>(Boolean.class, false);
        spec.addOption(OptionSpec.builder(names).type(Boolean.class).arity("0").description(description)
            .initialValue(false).setter(argument).getter(argument).build());
        return argument;
    }

    /** Declares an option with a value; {@code fallback} may be null for none. */
    final <T> Argument<T> option(Class<T> type, T fallback, String label, String description, String... names) {
        return option(new Argument<>(type, fallback), OptionSpec.builder(names).type(type).paramLabel(label)
            .description(fallback == null ? description : description + " (default: " + fallback + ")"));
    }

    /** Declares an option that may be given several times. */
    final Argument<String[]> several(String label, String description, String... names) {
        Argument<String[]> argument = new Argument<>(String[].class, new String[0]);
        spec.addOption(OptionSpec.builder(names).type(String[].class).auxiliaryTypes(String.class).arity("1")
            .paramLabel(label).description(description).initialValue(argument.value()).setter(argument).getter(argument)
            .build());
        return argument;
    }

    /** Declares an option with a value that is required. */
    final Argument<String> required(String label, String description, String... names) {
        return option(new Argument<>(String.class, null), OptionSpec.builder(names).type(String.class)
            .paramLabel(label).description(description).required(true));
    }

    /** Declares the option that chooses how a result is shown; {@code fallback} may be null for none. */
    final Argument<Format> format(Format fallback, String description) {
        String text = description + String.join(", ", Format.names())
            + (fallback == null ? "" : " (default: " + fallback + ")");
        return option(new Argument<>(Format.class, fallback), OptionSpec.builder("-t", "--output-format")
            .type(Format.class).converters(Format::of).completionCandidates(Format.names()).paramLabel("FORMAT")
            .description(text));
    }

    /** The same for commands that show JSON. */
    final Argument<Format> format() {
        return format(Format.JSON_PRETTY, "");
    }

    private <T> Argument<T> option(Argument<T> argument, OptionSpec.Builder builder) {
        spec.addOption(builder.arity("1").initialValue(argument.value()).setter(argument).getter(argument).build());
        return argument;
    }

    /** Declares the next parameter; it is required when there is nothing to fall back to. */
    final <T> Argument<T> parameter(Class<T> type, T fallback, String label, String description) {
        Argument<T> argument = new Argument<>(type, fallback);
        spec.addPositional(PositionalParamSpec.builder().index(Integer.toString(parameters++)).type(type)
            .arity(fallback == null ? "1" : "0..1").required(fallback == null).paramLabel(label).initialValue(fallback)
            .setter(argument).getter(argument)
            .description(fallback == null ? description : description + " (default: " + fallback + ")").build());
        return argument;
    }

    /** Declares all parameters. */
    final Argument<String[]> parameters(String arity, String label, String description) {
        Argument<String[]> argument = new Argument<>(String[].class, new String[0]);
        spec.addPositional(PositionalParamSpec.builder().index("0..*").type(String[].class)
            .auxiliaryTypes(String.class).arity(arity).required(true).paramLabel(label).description(description)
            .initialValue(argument.value()).setter(argument).getter(argument).build());
        return argument;
    }

    /** Adds a command below this one. */
    final void add(Verb below) {
        spec.addSubcommand(below.spec.name(), new CommandLine(below.spec));
    }

    Io io() {
        return tool.io();
    }

    /** {@return one client for each server, see {@link Unitctl#clients}} */
    List<ControlClient> clients() throws ToolException, IOException {
        return tool.clients();
    }

    /**
     * Does something with each server. The result of one is shown as it is, those of several as the members of an
     * object that are named after the servers, so that the text stays JSON or YAML.
     *
     * @return the exit code: the highest of all, so that one failure does not hide
     */
    int onEach(Format format, Task task) throws Exception {
        List<ControlClient> clients = clients();
        Map<String, Conf> results = new LinkedHashMap<>();
        int code = ToolException.DONE;
        for (ControlClient client : clients) {
            try {
                task.on(client).ifPresent(value -> results.put(client.name(), value));
            } catch (ToolException | IOException e) {
                code = Math.max(code, Unitctl.report(io(), e));
            }
        }
        if (clients.size() == 1) {
            results.values().forEach(value -> format.print(value, io()));
        } else if (!results.isEmpty()) {
            format.print(new ConfObject(results), io());
        }
        return code;
    }

    /** Shows a reply of each server. */
    int showEach(Format format, ToolRequest request) throws Exception {
        return onEach(format, client -> Optional.of(value(client, client.ask(request))));
    }

    /** Shows a section of each server's configuration; one that has none shows an empty one. */
    int showSection(Format format, String name) throws Exception {
        return onEach(format, client -> Optional.of(object(client, client.ask(ToolRequest.get("/config"))).get(name)
            .orElse(ConfObject.EMPTY)));
    }

    /**
     * {@return what a reply holds}
     *
     * @throws ToolException when that is no JSON
     */
    static Conf value(ControlClient client, ServerReply reply) throws ToolException {
        return reply.value().orElseThrow(() -> ToolException.unreachable(client.name() + ": the answer is no JSON"));
    }

    /** The same for an object. */
    static ConfObject object(ControlClient client, ServerReply reply) throws ToolException {
        if (value(client, reply) instanceof ConfObject object) {
            return object;
        }
        throw ToolException.unreachable(client.name() + ": the answer is no JSON object");
    }
}
