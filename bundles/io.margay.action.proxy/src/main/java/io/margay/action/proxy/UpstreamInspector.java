// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.status.AskedInspector;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Supplier;

/** Shows the upstreams in force, and keeps requests from a server or lets it have them again. */
final class UpstreamInspector implements AskedInspector {
    private final Supplier<Optional<Upstreams>> inForce;

    UpstreamInspector(Supplier<Optional<Upstreams>> inForce) {
        this.inForce = inForce;
    }

    @Override
    public String name() {
        return "upstreams";
    }

    @Override
    public Conf dump() {
        return inForce.get().map(Upstreams::report).orElse(ConfObject.EMPTY);
    }

    /** Takes {@code {"upstream": …, "server": …, "drain": …}}, and shows the server then. */
    @Override
    public Conf answer(String question) {
        ConfObject asked;
        try {
            asked = (ConfObject) ConfParser.parse(question.getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new IllegalArgumentException("it is no object", e);
        }
        String name = asked.string("upstream").orElse("");
        String address = asked.string("server").orElse("");
        UpstreamServer server = inForce.get().flatMap(all -> all.server(name, address))
            .orElseThrow(() -> new IllegalArgumentException("there is no such server"));
        server.state().drained(asked.bool("drain", false), System.nanoTime());
        return UpstreamReport.of(server);
    }
}
