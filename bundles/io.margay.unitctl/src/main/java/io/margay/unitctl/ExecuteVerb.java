// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;

/** Sends any request. */
final class ExecuteVerb extends Verb {
    private static final byte[] NOTHING = {};

    private final Argument<String> method = option(String.class, "GET", "METHOD", "GET, PUT, POST or DELETE",
        "-m", "--http-method");
    private final Argument<String> path = required("PATH", "for example /config/listeners", "-p", "--path");
    private final Argument<String> file = option(String.class, null, "FILE",
        "the body; - is the standard input; .yaml and .yml are sent as JSON", "-f", "--file");
    private final Argument<String> inputFormat = option(String.class, null, "yaml|raw",
        "what FILE holds, if its name does not say so", "--input-format");
    private final ChangeOptions change = new ChangeOptions(this);
    private final Argument<Format> format = format();

    ExecuteVerb(Unitctl tool) {
        super(tool, "execute", "Sends a request and shows the answer.");
    }

    @Override
    public Integer call() throws Exception {
        byte[] body = file.value() == null ? NOTHING : body();
        return onEach(format.value(), client -> send(client, body));
    }

    private Optional<Conf> send(ControlClient client, byte[] body) throws ToolException {
        String verb = method.value().toUpperCase(Locale.ROOT);
        String target = change.path(client, path.value());
        Conf value = value(client, client.ask(ToolRequest.of(verb, target, body)));
        change.remind(io());
        return Optional.of(value);
    }

    private byte[] body() throws ToolException {
        byte[] bytes = ToolContent.read(file.value(), io());
        String given = inputFormat.value();
        if (given != null && !given.equals("yaml") && !given.equals("raw")) {
            throw ToolException.usage("--input-format is yaml or raw");
        }
        boolean yaml = given == null ? ToolContent.isYaml(Path.of(file.value())) : given.equals("yaml");
        return yaml ? ToolContent.json(bytes) : bytes;
    }
}
