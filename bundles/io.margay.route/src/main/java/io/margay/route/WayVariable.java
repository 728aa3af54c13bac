// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.Timings;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.function.Function;

/**
 * Variables that tell which way a request has taken: where it came in and from, what was chosen for it, who has
 * answered it and in which time. They have no value before that is known.
 */
final class WayVariable {
    private static final int MILLI = 1_000_000;
    private static final int SECOND = 1000;

    private WayVariable() {
    }

    /** The variable of the name, or empty if there is none. */
    static Optional<Variable> named(String name) {
        Variable found = switch (name) {
            case "scheme" -> e -> Optional.of(e.request().scheme());
            case "remote_port" -> e -> present(e.request().remote().portText());
            case "server_addr" -> e -> present(e.request().local().text());
            case "server_port" -> e -> present(e.request().local().portText());
            case "listener" -> noted(Timings::listener);
            case "route" -> noted(Timings::route);
            case "application" -> noted(Timings::application);
            case "upstream_addr" -> noted(Timings::upstream);
            case "upstream_time" -> new Variable.Written(WayVariable::time, WayVariable::time);
            default -> null;
        };
        return Optional.ofNullable(found);
    }

    private static Optional<AsciiString> present(AsciiString text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Variable noted(Function<Timings, String> what) {
        return e -> {
            String text = what.apply(e.timings());
            return text.isEmpty() ? Optional.empty() : Optional.of(Bytes.of(text));
        };
    }

    /** Since a worker, or a server, was given the request; up to the end of its answer. */
    private static long millis(Exchange e) {
        Timings timings = e.timings();
        long end = timings.has(Timings.Stage.LAST_BYTE) ? timings.at(Timings.Stage.LAST_BYTE) : e.loop().now();
        return timings.has(Timings.Stage.WORKER) ? Math.max(0, end - timings.at(Timings.Stage.WORKER)) / MILLI : -1;
    }

    private static Optional<AsciiString> time(Exchange e) {
        long millis = millis(e);
        return millis < 0 ? Optional.empty() : Optional.of(Variable.time(millis));
    }

    private static void time(Exchange e, TemplateSink out) {
        long millis = millis(e);
        if (millis < 0) {
            out.absent();
        } else {
            out.digits(millis / SECOND, 1);
            out.literal(Variable.POINT);
            out.digits(millis % SECOND, 3);
        }
    }
}
