// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.http.Ascii;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.HttpDate;
import io.margay.http.ResponseHead;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.OptionObject;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.margay.route.TextMatch;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code cache_control}: for how long browsers and caches keep responses (RFC 9111 §5.2.2). */
@Component(service = FilterFactory.class)
public final class CacheControlFactory implements FilterFactory {
    private static final String OPTION = "cache_control";
    /** That of {@code response_headers}, which by its name sees responses first: what it has set stays. */
    private static final int ORDER = 1000;
    private static final Set<String> MEMBERS = Set.of("preset", "max_age", "scope", "expires", "types");
    private static final List<String> PRESETS = List.of("immutable", "revalidate", "no_store");
    private static final List<String> SCOPES = List.of("public", "private");
    private static final long YEAR = 31_536_000;

    /** Creates the service. */
    @Activate
    public CacheControlFactory() {
    }

    @Override
    public String option() {
        return OPTION;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        PlanContext here = compiler.child(OPTION);
        List<Rule> rules = new ArrayList<>();
        if (value instanceof ConfArray array) {
            for (Conf element : array.elements()) {
                String index = Integer.toString(rules.size());
                rules.add(rule(OptionObject.of(OPTION, element, MEMBERS, here.child(index))));
            }
            if (rules.isEmpty()) {
                throw here.error("", "The \"cache_control\" array must contain at least one element.");
            }
        } else {
            rules.add(rule(OptionObject.of(OPTION, value, MEMBERS, here)));
        }
        return new CacheFilter(rules.toArray(Rule[]::new));
    }

    private static Rule rule(OptionObject options) {
        Optional<String> preset = options.word("preset", PRESETS);
        Optional<Long> age = options.integer("max_age", 0, 10 * YEAR);
        Optional<String> scope = options.word("scope", SCOPES);
        boolean expires = options.flag("expires", false);
        if (preset.isPresent() == age.isPresent()) {
            throw options.error("", "The \"cache_control\" object must have either \"preset\" or \"max_age\" option "
                + "set.");
        }
        for (String name : List.of("scope", "expires")) {
            if (age.isEmpty() && options.get(name).isPresent()) {
                throw options.error(name, "The \"" + name + "\" option is only of use beside the \"max_age\" option.");
            }
        }
        String text = preset.map(CacheControlFactory::directives).orElseGet(() ->
            scope.map(word -> word + ", ").orElse("") + "max-age=" + age.orElseThrow());
        return new Rule(options.get("types").map(types -> options.at().patterns("types", types)), AsciiString.of(text),
            expires ? OptionalLong.of(age.orElseThrow()) : OptionalLong.empty());
    }

    private static String directives(String preset) {
        return switch (preset) {
            case "immutable" -> "public, max-age=" + YEAR + ", immutable";
            case "revalidate" -> "no-cache";
            default -> "no-store";
        };
    }

    /**
     * What some responses get.
     *
     * @param types the media types of those; all if empty
     * @param expires seconds after which they are old, if that is told to old caches as well
     */
    private record Rule(Optional<TextMatch> types, AsciiString text, OptionalLong expires) {

        boolean holds(Optional<AsciiString> type) {
            return types.isEmpty() || type.isPresent() && types.get().test(type.get());
        }
    }

    /** Adds the field to what is no error, where the application has not said it itself. */
    private record CacheFilter(Rule[] rules) implements Filter {
        private static final AsciiString CACHE_CONTROL = AsciiString.cached("Cache-Control");
        private static final AsciiString EXPIRES = AsciiString.cached("Expires");
        private static final AsciiString TYPE = AsciiString.cached("Content-Type");

        @Override
        public Half half() {
            return Half.RESPONSE;
        }

        @Override
        public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
            if (head.status() < 200 || head.status() >= 400 || head.find(CACHE_CONTROL) >= 0) {
                return Optional.empty();
            }
            Optional<AsciiString> type = type(head);
            for (Rule rule : rules) {
                if (rule.holds(type)) {
                    head.add(CACHE_CONTROL, rule.text());
                    if (rule.expires().isPresent()) {
                        head.set(EXPIRES, date(System.currentTimeMillis() / 1000 + rule.expires().getAsLong()));
                    }
                    break;
                }
            }
            return Optional.empty();
        }

        /** The media type without its parameters. */
        private static Optional<AsciiString> type(ResponseHead head) {
            int field = head.find(TYPE);
            if (field < 0) {
                return Optional.empty();
            }
            AsciiString value = head.value(field);
            int end = value.indexOf(";", 0);
            return Optional.of(end < 0 ? value : Ascii.trim(value.subSequence(0, end, false)));
        }

        private static AsciiString date(long seconds) {
            byte[] date = new byte[HttpDate.LENGTH];
            HttpDate.write(seconds, date, 0);
            return new AsciiString(date, false);
        }
    }
}
