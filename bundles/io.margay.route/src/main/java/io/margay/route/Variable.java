// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.KnownField;
import io.margay.http.Timings;
import io.netty.util.AsciiString;
import java.util.Optional;

/** A variable of spec/routing.md §6.3, found once when the configuration is compiled. */
@FunctionalInterface
interface Variable {
    AsciiString DOLLAR = AsciiString.cached("$");
    AsciiString POINT = AsciiString.cached(".");

    /** The value; empty if the request has none. Views of the request are possible. */
    Optional<AsciiString> of(Exchange exchange);

    /** Writes the value, or that there is none. */
    default void write(Exchange exchange, TemplateSink out) {
        Optional<AsciiString> value = of(exchange);
        if (value.isPresent()) {
            put(value.get(), out);
        } else {
            out.absent();
        }
    }

    /** Whether it looks at fields of the response. */
    default boolean readsResponse() {
        return false;
    }

    /** A variable whose value can be written without making a text of it. */
    interface Writer {
        void write(Exchange exchange, TemplateSink out);
    }

    /** Both ways to the same value. */
    record Written(Variable text, Writer writer) implements Variable {
        @Override
        public Optional<AsciiString> of(Exchange exchange) {
            return text.of(exchange);
        }

        @Override
        public void write(Exchange exchange, TemplateSink out) {
            writer.write(exchange, out);
        }
    }

    /** The field of a response. */
    record ResponseField(AsciiString name) implements Variable {
        @Override
        public Optional<AsciiString> of(Exchange exchange) {
            return exchange.responseField(name);
        }

        @Override
        public boolean readsResponse() {
            return true;
        }
    }

    /** The variable of the name, or empty if there is none. */
    static Optional<Variable> named(String name) {
        Optional<Variable> simple = simple(name).or(() -> WayVariable.named(name));
        if (simple.isPresent()) {
            return simple;
        }
        if (name.startsWith("ssl_")) {
            return TlsVariable.named(name);
        }
        if (name.length() > 7 && name.startsWith("header_")) {
            AsciiString field = Bytes.of(name.substring(7).replace('_', '-'));
            return Optional.of(new Written(e -> field(e, e.request().find(field, 0)),
                (e, out) -> field(e, e.request().find(field, 0), out)));
        }
        if (name.length() > 16 && name.startsWith("response_header_")) {
            return Optional.of(new ResponseField(Bytes.of(name.substring(16).replace('_', '-'))));
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
            case "request_line" -> new Written(e -> present(e.request().line()), Variable::line);
            case "remote_addr" -> new Written(e -> Optional.of(e.request().remote().text()),
                (e, out) -> put(e.request().remote().text(), out));
            case "request_time" -> new Written(e -> Optional.of(time(millis(e))), (e, out) -> {
                long millis = millis(e);
                out.digits(millis / 1000, 1);
                out.literal(POINT);
                out.digits(millis % 1000, 3);
            });
            case "time_local" -> new LocalTime();
            case "request_id" -> e -> Optional.of(e.request().requestId());
            case "status" -> new Written(
                e -> Optional.of(AsciiString.of(Integer.toString(1000 + e.status()).substring(1))),
                (e, out) -> out.digits(e.status(), 3));
            case "body_bytes_sent" -> new Written(e -> Optional.of(AsciiString.of(Long.toString(e.bodyBytesSent()))),
                (e, out) -> out.digits(e.bodyBytesSent(), 1));
            case "header_referer" -> known(KnownField.REFERER);
            case "header_user_agent" -> known(KnownField.USER_AGENT);
            default -> null;
        };
        return Optional.ofNullable(found);
    }

    private static Variable known(KnownField field) {
        return new Written(e -> field(e, e.request().find(field)), (e, out) -> field(e, e.request().find(field), out));
    }

    private static Optional<AsciiString> present(AsciiString text) {
        return text.isEmpty() ? Optional.empty() : Optional.of(text);
    }

    private static Optional<AsciiString> field(Exchange e, int field) {
        return field < 0 ? Optional.empty() : Optional.of(e.request().value(field));
    }

    private static void field(Exchange e, int field, TemplateSink out) {
        if (field < 0) {
            out.absent();
        } else {
            e.request().writeValue(field, out);
        }
    }

    private static void line(Exchange e, TemplateSink out) {
        if (e.request().hasLine()) {
            e.request().writeLine(out);
        } else {
            out.absent();
        }
    }

    /** Writes bytes that were not in the configuration. */
    static void put(AsciiString text, TemplateSink out) {
        out.put(text.array(), text.arrayOffset(), text.length());
    }

    private static long millis(Exchange e) {
        return (e.loop().now() - e.timings().at(Timings.Stage.BEGIN)) / 1_000_000;
    }

    /** Seconds with three decimals. */
    static AsciiString time(long millis) {
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
