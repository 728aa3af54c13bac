// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateSource;
import io.margay.certificate.TrustBundle;
import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.Request;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import io.margay.testing.RouteSite;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;

/** Routes with the filters of this bundle, whose work is done at once, and an action that tells what it gets. */
final class AuthSite {
    private static final ActionFactory TELL = new ActionFactory() {
        @Override
        public String option() {
            return "tell";
        }

        @Override
        public Set<String> options() {
            return Set.of("tell", "fields", "never", "text");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            int status = (int) action.integer("tell", 0);
            ConfObject names = action.object("fields").orElse(ConfObject.EMPTY);
            Fields fields = Fields.NONE;
            for (String name : names.members().keySet()) {
                fields = fields.and(AsciiString.of(name), AsciiString.of(names.string(name).orElseThrow()));
            }
            Fields all = fields;
            String text = action.string("text").orElse("");
            return action.bool("never", false) ? exchange -> { } : exchange -> {
                if (status >= 500) {
                    exchange.fail(status);
                } else {
                    exchange.respond(status, all, (text.isEmpty() ? told(exchange) : text)
                        .getBytes(StandardCharsets.ISO_8859_1));
                }
            };
        }
    };

    private static final CertificateSource NOTHING_STORED = new CertificateSource() {
        @Override
        public CompletionStage<CertificateBundle> load(String name) {
            return CompletableFuture.failedFuture(new IllegalStateException(name + " is not stored"));
        }

        @Override
        public CompletionStage<TrustBundle> trust(String name) {
            return CompletableFuture.failedFuture(new IllegalStateException(name + " is not stored"));
        }
    };

    private AuthSite() {
    }

    private static String told(Exchange exchange) {
        Request request = exchange.request();
        StringBuilder text = new StringBuilder(request.method() + " " + request.target() + "\n");
        for (int i = 0; i < request.fieldCount(); i++) {
            text.append(request.name(i)).append('=').append(request.value(i)).append('\n');
        }
        return text.toString();
    }

    /** A route with one action. */
    static RouteSite of(String action) {
        return of(action, Runnable::run, Runnable::run);
    }

    /** A route with one action. */
    static RouteSite of(String action, Executor checks, Executor sources) {
        AuthWorkers workers = new AuthWorkers(checks, checks, sources);
        return new RouteSite(Extensions.builder().add(new BasicFactory(workers), RouteSite.ORIGIN)
            .add(new JwtFactory(workers, NOTHING_STORED), RouteSite.ORIGIN).add(new RequestFactory(), RouteSite.ORIGIN)
            .add(TELL, RouteSite.ORIGIN), "{'action': " + action + "}", "{}");
    }

    /** A route with one action and a filter of a test. */
    static RouteSite of(FilterFactory factory, String action) {
        return new RouteSite(Extensions.builder().add(factory, RouteSite.ORIGIN).add(TELL, RouteSite.ORIGIN),
            "{'action': " + action + "}", "{}");
    }

    /** The value of a field of a response, empty if it has none. */
    static String field(String response, String name) {
        return response.split("\r\n\r\n", 2)[0].lines().filter(line -> line.startsWith(name + ": ")).findFirst()
            .map(line -> line.substring(name.length() + 2)).orElse("");
    }
}
