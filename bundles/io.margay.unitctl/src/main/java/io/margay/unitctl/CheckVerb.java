// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.schema.Problem;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Says what of a configuration of Unit or FreeUnit is the same here, what differs, and what is missing. */
final class CheckVerb extends Verb {
    private final Argument<String> file = parameter(String.class, null, "FILE",
        "the configuration, .json or .yaml; - for the standard input");
    private final Argument<Boolean> server = flag(
        "let running servers judge it, which change nothing, instead of the bundles installed here", "--server");
    private final Argument<String[]> modules = several("DIR",
        "a directory of bundles besides those of the distribution (default: its modules directory)", "--modules");
    private final Argument<Format> format = format(Format.TEXT, "");
    private final List<Path> places;

    CheckVerb(Unitctl tool, List<Path> places) {
        super(tool, "check", "Checks a configuration of Unit or FreeUnit: what is the same, what differs, what is "
            + "missing. Needs no server. The exit code is 1 when a server would refuse it.");
        this.places = places;
    }

    @Override
    public Integer call() throws Exception {
        Conf configuration = configuration();
        if (!server.value()) {
            InstalledSchemas schemas = new InstalledSchemas(directories());
            List<CheckFinding> found = new ConfigCheck(schemas::problem).problems(configuration);
            return show(configuration, with(found, new Differences(places).of(configuration, true)), "");
        }
        List<ControlClient> clients = clients();
        int code = ToolException.DONE;
        for (ControlClient client : clients) {
            try {
                ChangeOptions.knowsDryRun(client, "no dry run");
                List<CheckFinding> found = new ConfigCheck(rest -> refusal(client, rest)).problems(configuration);
                code = Math.max(code, show(configuration, with(found, new Differences(places)
                    .of(configuration, false)), clients.size() > 1 ? client.name() : ""));
            } catch (ToolException e) {
                code = Math.max(code, Unitctl.report(io(), e));
            }
        }
        return code;
    }

    private Conf configuration() throws ToolException {
        byte[] bytes = ToolContent.read(file.value(), io());
        try {
            boolean yaml = !file.value().equals("-") && ToolContent.isYaml(Path.of(file.value()));
            return ConfParser.parse(yaml ? ToolContent.json(bytes) : bytes);
        } catch (ConfSyntaxException e) {
            throw ToolException.usage(file.value() + ": " + e.detail() + " (line " + e.line() + ", column " + e.column()
                + ")");
        }
    }

    private List<Path> directories() {
        List<Path> directories = new ArrayList<>(List.of(io().home().resolve("system")));
        if (modules.value().length == 0) {
            directories.add(io().home().resolve("modules"));
        }
        for (String directory : modules.value()) {
            directories.add(Path.of(directory));
        }
        return directories;
    }

    /** The first problem that a server finds; anything else that it says ends the check. */
    private static Optional<Problem> refusal(ControlClient client, Conf rest) throws ToolException {
        try {
            client.ask(ToolRequest.of("PUT", "/config?dry-run", ConfWriter.compact(rest)));
            return Optional.empty();
        } catch (RefusedException e) {
            ConfObject said = e.said();
            Optional<String> path = said.object("location").flatMap(location -> location.string("path"));
            if (said.string("detail").isEmpty() || path.isEmpty()) {
                throw e;
            }
            return Optional.of(new Problem(said.string("detail").get(), ConfPointer.parse(path.get()),
                said.string("suggestion")));
        }
    }

    /** Adds what is to be said besides; a place that is refused anyway needs no more words. */
    private static List<CheckFinding> with(List<CheckFinding> found, List<CheckFinding> more) {
        List<CheckFinding> all = new ArrayList<>(found);
        more.stream().filter(one -> found.stream().noneMatch(other -> other.path().equals(one.path())))
            .forEach(all::add);
        return all;
    }

    private int show(Conf configuration, List<CheckFinding> found, String label) {
        List<ConfPointer> same = ConfigCheck.same(configuration, found);
        int code = found.stream().anyMatch(one -> one.kind().bad()) ? ToolException.REFUSED : ToolException.DONE;
        if (format.value() != Format.TEXT) {
            Conf value = json(same, found);
            format.value().print(label.isEmpty() ? value : ConfObject.EMPTY.with(label, value), io());
            return code;
        }
        if (!label.isEmpty()) {
            line(label);
        }
        same.forEach(path -> line("same     " + path));
        for (CheckFinding one : found) {
            line((one.kind().word() + "        ").substring(0, 9) + (one.path().equals(ConfPointer.ROOT)
                ? "the whole" : one.path()) + ": " + one.detail());
            if (!one.advice().isEmpty()) {
                line("         " + one.advice());
            }
        }
        if (found.size() >= ConfigCheck.MOST) {
            line("There may be more.");
        }
        line(code == ToolException.DONE ? "A server takes it." : "A server refuses it as it is.");
        io().out().flush();
        return code;
    }

    private void line(String text) {
        io().out().println(Io.harmless(text.replace("\n", " ")));
    }

    private static Conf json(List<ConfPointer> same, List<CheckFinding> found) {
        ConfObject.Builder object = ConfObject.builder()
            .put("same", new ConfArray(same.stream().<Conf>map(path -> new ConfString(path.toString())).toList()));
        for (CheckFinding.Kind kind : CheckFinding.Kind.values()) {
            object.put(kind.word(), new ConfArray(found.stream().filter(one -> one.kind() == kind)
                .map(CheckFinding::json).toList()));
        }
        return object.build();
    }
}
