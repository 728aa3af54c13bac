// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.conf.Conf;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.OptionObject;
import io.margay.route.RouteCompiler;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code cors}: pages of which other origins may ask (the Fetch standard, CORS protocol). */
@Component(service = FilterFactory.class)
public final class CorsFactory implements FilterFactory {
    private static final String OPTION = "cors";
    /** Before all that may refuse a request, since preflights bring no credentials, and refusals are to be readable. */
    private static final int ORDER = 30;
    private static final long DAY = 86_400;
    private static final Set<String> MEMBERS = Set.of("origins", "methods", "headers", "expose", "credentials",
        "max_age");

    /** Creates the service. */
    @Activate
    public CorsFactory() {
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
        OptionObject options = OptionObject.of(OPTION, value, MEMBERS, compiler.child(OPTION));
        boolean credentials = options.flag("credentials", false);
        List<String> origins = options.texts("origins").orElseThrow(() -> options.missing("origins"));
        for (int i = 0; i < origins.size(); i++) {
            String origin = origins.get(i);
            if (!Origins.isGood(origin)) {
                throw options.element("origins", i, "The origin \"" + origin + "\" is invalid: it is SCHEME://HOST "
                    + "with a port or without.");
            }
            if (credentials && (origin.equals(Origins.ALL) || origin.equalsIgnoreCase(Origins.OPAQUE))) {
                throw options.element("origins", i, "With \"credentials\" the origin must not be \"" + origin + "\".");
            }
        }
        return new CorsFilter(new Origins(origins), credentials,
            new CorsFilter.Preflight(tokens(options, "methods", credentials).orElse(List.of("GET", "HEAD", "POST")),
                tokens(options, "headers", credentials).orElse(List.of()),
                options.integer("max_age", 0, DAY).map(age -> AsciiString.of(Long.toString(age)))),
            tokens(options, "expose", credentials).filter(names -> !names.isEmpty())
                .map(names -> AsciiString.of(String.join(", ", names))));
    }

    private static Optional<List<String>> tokens(OptionObject options, String name, boolean credentials) {
        Optional<List<String>> texts = options.texts(name);
        List<String> all = texts.orElse(List.of());
        for (int i = 0; i < all.size(); i++) {
            if (!FieldNames.isToken(all.get(i))) {
                throw options.element(name, i, "The \"" + name + "\" value \"" + all.get(i) + "\" is no token.");
            }
            // There a browser takes it for a name like others.
            if (credentials && all.get(i).equals("*")) {
                throw options.element(name, i, "With \"credentials\" the \"" + name + "\" must not be \"*\".");
            }
        }
        return texts;
    }
}
