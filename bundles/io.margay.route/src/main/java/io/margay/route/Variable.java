// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.KnownField;
import io.margay.http.Timings;
import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** A variable of spec/routing.md §6.3, found once when the configuration is compiled. */
@FunctionalInterface
interface Variable {
    DateTimeFormatter TIME_LOCAL = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.US);
    AsciiString DOLLAR = AsciiString.cached("$");

    /** The value; empty if the request has none. Views of the request are possible. */
    Optional<AsciiString> of(Exchange exchange);

    /** The variable of the name, or empty if there is none. */
    static Optional<Variable> named(String name) {
        Optional<Variable> simple = simple(name);
        if (simple.isPresent()) {
            return simple;
        }
        if (name.length() > 7 && name.startsWith("header_")) {
            AsciiString field = Bytes.of(name.substring(7).replace('_', '-'));
            return Optional.of(e -> field(e, e.request().find(field, 0)));
        }
        if (name.length() > 4 && name.startsWith("arg_")) {
            AsciiString argument = Bytes.of(name.substring(4));
            return Optional.of(e -> lastArgument(e, argument));
        }
        if (name.length() > 7 && name.startsWith("cookie_")) {
            AsciiString cookie = Bytes.of(name.substring(7));
            return Optional.of(e -> firstCookie(e, cookie));
        }
        return Optional.empty();
    }

    private static Optional<Variable> simple(String name) {
        Variable found = switch (name) {
            case "dollar" -> e -> Optional.of(DOLLAR);
            case "host" -> e -> present(e.request().host());
            case "uri" -> e -> Optional.of(e.request().path());
            case "request_uri" -> e -> present(e.request().target());
            case "method" -> e -> Optional.of(e.request().method());
            case "request_line" -> e -> present(e.request().line());
            case "remote_addr" -> e -> Optional.of(e.request().remote().text());
            case "request_time" -> e -> Optional.of(time(e.loop().now() - e.timings().at(Timings.Stage.BEGIN)));
            case "time_local" -> e -> Optional.of(AsciiString.of(
                TIME_LOCAL.format(Instant.now().atZone(ZoneId.systemDefault()))));
            case "request_id" -> e -> Optional.of(e.request().requestId());
            case "status" -> e -> Optional.of(AsciiString.of(Integer.toString(1000 + e.status()).substring(1)));
            case "body_bytes_sent" -> e -> Optional.of(AsciiString.of(Long.toString(e.bodyBytesSent())));
            case "header_referer" -> e -> field(e, e.request().find(KnownField.REFERER));
            case "header_user_agent" -> e -> field(e, e.request().find(KnownField.USER_AGENT));
            default -> null;
        };
        return Optional.ofNullable(found);
    }

    private static Optional<AsciiString> present(AsciiString text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Optional<AsciiString> field(Exchange e, int field) {
        return field < 0 ? Optional.empty() : Optional.of(e.request().value(field));
    }

    private static AsciiString time(long nanos) {
        long millis = nanos / 1_000_000;
        return AsciiString.of(millis / 1000 + "." + Long.toString(1000 + millis % 1000).substring(1));
    }

    private static Optional<AsciiString> lastArgument(Exchange e, AsciiString name) {
        AsciiString[] found = {AsciiString.EMPTY_STRING};
        boolean[] seen = {false};
        Arguments.query(e, (n, value) -> {
            if (n.equals(name)) {
                found[0] = value;
                seen[0] = true;
            }
            return true;
        });
        return seen[0] ? Optional.of(found[0]) : Optional.empty();
    }

    private static Optional<AsciiString> firstCookie(Exchange e, AsciiString name) {
        AsciiString[] found = {AsciiString.EMPTY_STRING};
        boolean[] seen = {false};
        Arguments.cookies(e, (n, value) -> {
            seen[0] = n.equals(name);
            found[0] = seen[0] ? value : found[0];
            return !seen[0];
        });
        return seen[0] ? Optional.of(found[0]) : Optional.empty();
    }
}
