// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.Request;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.testing.RouteSite;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Set;

/** Routes with the filters of this bundle, and an action that tells what it gets. */
final class FieldSite {
    /** Answers with fields of its own, and the names and values of the request's as its body. */
    private static final ActionFactory TELL = new ActionFactory() {
        @Override
        public String option() {
            return "tell";
        }

        @Override
        public Set<String> options() {
            return Set.of("tell", "tls", "fields");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            int status = (int) action.integer("tell", 0);
            boolean tls = action.bool("tls", false);
            Fields fields = action.object("fields").orElse(ConfObject.EMPTY).members().keySet().stream()
                .reduce(Fields.NONE, (all, name) -> all.and(AsciiString.of(name), AsciiString.of(
                    action.object("fields").orElseThrow().string(name).orElseThrow())), (a, b) -> a);
            return e -> {
                e.tls(tls);
                if (status >= 400) {
                    e.fail(status);
                } else {
                    e.respond(status, fields, told(e).getBytes(StandardCharsets.ISO_8859_1));
                }
            };
        }
    };

    private FieldSite() {
    }

    private static String told(Exchange exchange) {
        Request request = exchange.request();
        StringBuilder text = new StringBuilder("id " + request.requestId() + "\n");
        for (int i = 0; i < request.fieldCount(); i++) {
            text.append(request.name(i)).append('=').append(request.value(i)).append('\n');
        }
        return text.toString();
    }

    /** A route with one action. */
    static RouteSite of(String action) {
        return new RouteSite(Extensions.builder().add(new HeaderFilterFactory(), RouteSite.ORIGIN)
            .add(new CorsFactory(), RouteSite.ORIGIN).add(new SecurityHeadersFactory(), RouteSite.ORIGIN)
            .add(new RequestIdFactory(), RouteSite.ORIGIN).add(new RequestHeadersFactory(), RouteSite.ORIGIN)
            .add(new CacheControlFactory(), RouteSite.ORIGIN)
            .add(TELL, RouteSite.ORIGIN), "{'action': " + action + "}", "{}");
    }

    /** All values of a field of a response, joined with a bar. */
    static String field(String response, String name) {
        StringBuilder values = new StringBuilder();
        response.split("\r\n\r\n", 2)[0].lines().filter(line -> line.startsWith(name + ": ")).forEach(line ->
            values.append(values.isEmpty() ? "" : "|").append(line.substring(name.length() + 2)));
        return values.toString();
    }
}
