// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfText;
import io.margay.http.Exchange;
import io.margay.http.PeerAddress;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * One condition of a route step as it is configured, beside the match that requests meet.
 *
 * @param name of the option
 * @param pattern its value
 * @param match what it was compiled to
 * @param value what a request has for it
 * @param decisive the one of several patterns that decides over a request, if it is known
 * @param text what the match does, if it looks at one text
 */
record Condition(String name, Conf pattern, Match match, Function<Exchange, Conf> value,
                 Function<Exchange, Optional<String>> decisive, Optional<TextMatch> text) {
    /** That of a step which is switched off. */
    static final Condition NEVER = new Condition("enabled", Conf.of(false), e -> false, e -> ConfNull.NULL);

    /** Values of requests are cut behind so many characters. */
    private static final int LONGEST = 256;

    /** A condition that does not tell which of its patterns decides. */
    Condition(String name, Conf pattern, Match match, Function<Exchange, Conf> value) {
        this(name, pattern, match, value, e -> Optional.empty(), Optional.empty());
    }

    /** A condition for a text. */
    static Condition text(String name, Conf pattern, TextMatch text, Function<Exchange, AsciiString> value,
                          Match match) {
        return new Condition(name, pattern, match, e -> shown(value.apply(e)), e -> decisive(pattern, text,
            value.apply(e)), Optional.of(text));
    }

    private static Optional<String> decisive(Conf pattern, TextMatch text, AsciiString value) {
        if (!(pattern instanceof ConfArray all) || all.size() < 2) {
            return Optional.empty();
        }
        int negated = text.negated(value);
        int positive = negated < 0 ? text.positive(value) : -1;
        if (negated < 0 && positive < 0) {
            return Optional.empty();
        }
        // The compiled patterns are those of the option, parted by kind, in its order.
        return all.elements().stream().flatMap(each -> Patterns.string(each).stream())
            .filter(each -> each.startsWith("!") == negated >= 0).skip(Math.max(negated, positive)).findFirst();
    }

    /** Tests a request, and tells all about it. */
    ConfObject explain(Exchange exchange) {
        ConfObject.Builder told = ConfObject.builder().put("condition", name).put("pattern", pattern)
            .put("value", value.apply(exchange));
        decisive.apply(exchange).ifPresent(one -> told.put("decisive", one));
        return told.put("matched", match.test(exchange)).build();
    }

    /** Whether a test may end without a result: by a script, or by the limit of regular expressions. */
    boolean mayFail() {
        return name.equals("if") || hasRegex(pattern);
    }

    private static boolean hasRegex(Conf value) {
        return switch (value) {
            case ConfObject object -> object.members().values().stream().anyMatch(Condition::hasRegex);
            case ConfArray array -> array.elements().stream().anyMatch(Condition::hasRegex);
            default -> Patterns.string(value).filter(text -> text.startsWith("~") || text.startsWith("!~")).isPresent();
        };
    }

    static Conf shown(AsciiString value) {
        String text = ConfText.decode(value.array(), value.arrayOffset(), value.arrayOffset() + value.length());
        return Conf.of(text.length() <= LONGEST ? text : text.substring(0, LONGEST) + "...");
    }

    static Conf shown(PeerAddress address) {
        String host = address.text().toString();
        return Conf.of(address.isUnix() ? host : (host.indexOf(':') < 0 ? host : "[" + host + "]") + ":"
            + address.port());
    }

    /** What a request has under the names that a condition mentions; nothing for those that it lacks. */
    static Conf named(String property, Conf pattern, Exchange exchange) {
        Map<String, Conf> found = new LinkedHashMap<>();
        for (Conf alternative : Patterns.elements(pattern)) {
            if (alternative instanceof ConfObject object) {
                object.members().keySet().forEach(name -> {
                    List<Conf> values = values(property, name, exchange);
                    if (!values.isEmpty()) {
                        found.put(name, values.size() == 1 ? values.getFirst() : new ConfArray(values));
                    }
                });
            }
        }
        return new ConfObject(found);
    }

    private static List<Conf> values(String property, String name, Exchange exchange) {
        List<Conf> values = new ArrayList<>();
        AsciiString bytes = Bytes.of(name);
        if (property.equals("headers")) {
            for (int i = exchange.request().find(bytes, 0); i >= 0; i = exchange.request().find(bytes, i + 1)) {
                values.add(shown(exchange.request().value(i)));
            }
            return values;
        }
        boolean cookies = property.equals("cookies");
        AsciiString wanted = cookies ? bytes : Bytes.decodeOrKeep(bytes);
        Arguments.Visitor visitor = (each, value) -> {
            if (each.equals(wanted)) {
                values.add(shown(value));
            }
            return true;
        };
        if (cookies) {
            Arguments.cookies(exchange, visitor);
        } else {
            Arguments.query(exchange, visitor);
        }
        return values;
    }
}
