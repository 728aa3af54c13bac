// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A shell session of a server. Closing it ends it there. */
final class ShellClient implements AutoCloseable {
    private static final String PATH = "/control/shell";

    private final ControlClient client;
    private final String path;

    /**
     * What a command has done.
     *
     * @param status 0 when it went well, 2 when it was called in a wrong way
     * @param output what it wrote
     * @param error what it wrote to its error stream, and why it has failed
     */
    record Outcome(int status, String output, String error) {
    }

    /**
     * A way to go on with a line.
     *
     * @param value the word
     * @param about what it is
     */
    record Candidate(String value, String about) {
    }

    private ShellClient(ControlClient client, String path) {
        this.client = client;
        this.path = path;
    }

    /**
     * Opens a session.
     *
     * @throws ToolException when the server does not let us
     */
    static ShellClient open(ControlClient client) throws ToolException {
        String name = Verb.object(client, client.ask(ToolRequest.of("POST", PATH))).string("session").orElseThrow(() ->
            ToolException.unreachable(client.name() + ": the answer names no session"));
        return new ShellClient(client, PATH + "/" + ToolRequest.segment(name));
    }

    /** Runs a line, with a text that its commands may ask for. */
    Outcome run(String line, Optional<String> input) throws ToolException {
        ConfObject.Builder order = ConfObject.builder().put("line", line);
        input.ifPresent(text -> order.put("input", text));
        ConfObject said = ask("", order.build());
        String more = said.bool("cut", false) ? "the output was too long, and is cut\n" : "";
        return new Outcome((int) said.integer("status", ToolException.REFUSED), said.string("output").orElse(""),
            said.string("error").orElse("") + more);
    }

    /** {@return how the line may go on at a place} */
    List<Candidate> complete(String line, int cursor) throws ToolException {
        List<Candidate> all = new ArrayList<>();
        for (Conf one : ask("/complete", ConfObject.builder().put("line", line).put("cursor", cursor).build())
                .array("candidates").orElse(ConfArray.EMPTY).elements()) {
            if (one instanceof ConfObject candidate) {
                all.add(new Candidate(candidate.string("value").orElse(""), candidate.string("about").orElse("")));
            }
        }
        return all;
    }

    /** Ends what runs; {@link #run} returns then. */
    void interrupt() throws ToolException {
        client.ask(ToolRequest.of("POST", path + "/interrupt"));
    }

    private ConfObject ask(String below, ConfObject order) throws ToolException {
        return Verb.object(client, client.ask(ToolRequest.of("POST", path + below,
            Json.compact(order).getBytes(StandardCharsets.UTF_8))));
    }

    /** The server ends it by itself later when it does not hear of this. */
    @Override
    public void close() throws ToolException {
        client.send(ToolRequest.of("DELETE", path));
    }
}
