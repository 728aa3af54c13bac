// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Compiles {@code match} objects (spec/routing.md §4). */
final class MatchCompiler {
    private static final List<String> ORDER = List.of("if", "scheme", "host", "uri", "method", "headers", "arguments",
        "cookies", "query", "source", "destination");
    private static final Set<String> KNOWN = Set.copyOf(ORDER);

    private MatchCompiler() {
    }

    /** The conditions in the order in which they are tested. */
    static List<Condition> compile(ConfObject match, ConfPointer at, TemplateCompiler templates) {
        for (String name : match.members().keySet()) {
            if (!KNOWN.contains(name)) {
                throw new RouteException(at, "Unknown parameter \"" + name + "\".");
            }
        }
        List<Condition> all = new ArrayList<>();
        for (String name : ORDER) {
            Optional<Conf> value = match.get(name).filter(v -> !(v instanceof ConfNull));
            value.ifPresent(v -> all.add(one(name, v, at.child(name), templates)));
        }
        return all;
    }

    private static Condition one(String name, Conf value, ConfPointer at, TemplateCompiler templates) {
        return switch (name) {
            case "if" -> condition(value, at, templates);
            case "scheme" -> scheme(value, at);
            case "host" -> {
                TextMatch text = Patterns.compile(value, TextPattern.Form.LOWER, name, at);
                yield Condition.text(name, value, text, e -> e.request().host(), e -> text.test(e.request().host()));
            }
            case "uri" -> {
                TextMatch text = Patterns.compile(value, TextPattern.Form.URI, name, at);
                yield Condition.text(name, value, text, e -> e.request().path(), e -> text.test(e.request().path()));
            }
            case "method" -> {
                TextMatch text = Patterns.compile(value, TextPattern.Form.UPPER, name, at);
                yield Condition.text(name, value, text, e -> e.request().method(),
                    e -> text.test(e.request().method()));
            }
            case "query" -> {
                TextMatch text = Patterns.compile(value, TextPattern.Form.QUERY, name, at);
                yield Condition.text(name, value, text, e -> Bytes.decodeOrKeep(e.request().query()),
                    e -> text.test(Bytes.decodeOrKeep(e.request().query())));
            }
            case "source" -> {
                AddressMatch address = AddressMatch.compile(value, at);
                yield new Condition(name, value, e -> address.test(e.request().remote()),
                    e -> Condition.shown(e.request().remote()));
            }
            case "destination" -> {
                AddressMatch address = AddressMatch.compile(value, at);
                yield new Condition(name, value, e -> address.test(e.request().local()),
                    e -> Condition.shown(e.request().local()));
            }
            default -> new Condition(name, value, named(name, value, at), e -> Condition.named(name, value, e));
        };
    }

    private static Condition condition(Conf value, ConfPointer at, TemplateCompiler templates) {
        String text = Patterns.string(value).orElseThrow(() ->
            new RouteException(at, "The \"if\" must be a string"));
        TemplateCondition condition = templates.condition(text, "if", at);
        return new Condition("if", value, condition, e -> Condition.shown(condition.template().evaluate(e)));
    }

    private static Condition scheme(Conf value, ConfPointer at) {
        String text = Patterns.string(value).orElse("").toLowerCase(java.util.Locale.ROOT);
        if (!text.equals("http") && !text.equals("https")) {
            throw new RouteException(at, "The \"scheme\" can either be \"http\" or \"https\".");
        }
        boolean tls = text.equals("https");
        return new Condition("scheme", value, e -> e.request().isTls() == tls,
            e -> Condition.shown(e.request().scheme()));
    }

    private static Match named(String property, Conf value, ConfPointer at) {
        List<Match> any = new ArrayList<>();
        List<Conf> all = Patterns.elements(value);
        for (int i = 0; i < all.size(); i++) {
            ConfPointer place = value == all.get(i) ? at : at.child(i);
            if (!(all.get(i) instanceof ConfObject object)) {
                throw new RouteException(place, "The \"match\" pattern for \"" + property + "\" must be an object.");
            }
            any.add(members(property, object, place));
        }
        Match[] alternatives = any.toArray(Match[]::new);
        return e -> {
            for (Match match : alternatives) {
                if (match.test(e)) {
                    return true;
                }
            }
            return alternatives.length == 0;
        };
    }

    private static Match members(String property, ConfObject object, ConfPointer at) {
        List<Match> every = new ArrayList<>();
        for (Map.Entry<String, Conf> member : object.members().entrySet()) {
            if (member.getKey().isEmpty()) {
                throw new RouteException(at,
                    "The \"match\" pattern objects must not contain empty member names.");
            }
            every.add(member(property, member.getKey(), member.getValue(), at));
        }
        Match[] matches = every.toArray(Match[]::new);
        return e -> {
            for (Match match : matches) {
                if (!match.test(e)) {
                    return false;
                }
            }
            return true;
        };
    }

    private static Match member(String property, String name, Conf value, ConfPointer at) {
        ConfPointer place = at.child(name);
        return switch (property) {
            case "headers" -> {
                TextMatch text = Patterns.compile(value, TextPattern.Form.ANY_CASE, property, place);
                AsciiString field = Bytes.of(name);
                yield e -> {
                    boolean seen = false;
                    for (int i = e.request().find(field, 0); i >= 0; i = e.request().find(field, i + 1)) {
                        seen = true;
                        if (!text.test(e.request().value(i))) {
                            return false;
                        }
                    }
                    return seen;
                };
            }
            case "cookies" -> {
                TextMatch text = Patterns.compile(value, TextPattern.Form.EXACT, property, place);
                Every every = new Every(Bytes.of(name), text);
                yield e -> {
                    Every.Seen seen = every.start();
                    Arguments.cookies(e, seen);
                    return seen.matched();
                };
            }
            default -> {
                TextMatch text = Patterns.compile(value, TextPattern.Form.QUERY, property, place);
                AsciiString decoded = Bytes.decode(Bytes.of(name), true).orElseThrow(() -> new RouteException(place,
                    "The \"match\" pattern for \"" + property + "\" is encoded but is invalid."));
                Every every = new Every(decoded, text);
                yield e -> {
                    Every.Seen seen = every.start();
                    Arguments.query(e, seen);
                    return seen.matched();
                };
            }
        };
    }

    /** All occurrences of a name must match, and there must be one. */
    private record Every(AsciiString name, TextMatch text) {
        Seen start() {
            return new Seen(this);
        }

        private static final class Seen implements Arguments.Visitor {
            private final Every every;
            private boolean any;
            private boolean failed;

            Seen(Every every) {
                this.every = every;
            }

            @Override
            public boolean visit(AsciiString name, AsciiString value) {
                if (name.equals(every.name)) {
                    any = true;
                    failed = !every.text.test(value);
                }
                return !failed;
            }

            boolean matched() {
                return any && !failed;
            }
        }
    }
}
