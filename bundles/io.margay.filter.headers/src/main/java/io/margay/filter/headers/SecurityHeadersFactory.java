// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.conf.Conf;
import io.margay.conf.ConfText;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.ResponseHead;
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

/** The option {@code security_headers}: fields by which browsers are told to be careful. */
@Component(service = FilterFactory.class)
public final class SecurityHeadersFactory implements FilterFactory {
    private static final String OPTION = "security_headers";
    /** Before all that may answer, so that error pages have the fields, too. */
    private static final int ORDER = 20;
    private static final Set<String> MEMBERS = Set.of("hsts", "nosniff", "frame_options", "referrer_policy",
        "content_security_policy");
    private static final List<String> REFERRER = List.of("no-referrer", "no-referrer-when-downgrade", "origin",
        "origin-when-cross-origin", "same-origin", "strict-origin", "strict-origin-when-cross-origin", "unsafe-url");
    private static final long YEAR = 31_536_000;
    private static final long LONGEST = 10 * YEAR;

    /** Creates the service. */
    @Activate
    public SecurityHeadersFactory() {
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
        if (MEMBERS.stream().noneMatch(name -> options.get(name).isPresent())) {
            throw options.error("", "The \"security_headers\" object must not be empty.");
        }
        Fields fields = Fields.NONE;
        if (options.flag("nosniff", false)) {
            fields = add(fields, "X-Content-Type-Options", "nosniff");
        }
        Optional<String> frames = options.word("frame_options", List.of("DENY", "SAMEORIGIN"));
        if (frames.isPresent()) {
            fields = add(fields, "X-Frame-Options", frames.get());
        }
        Optional<String> referrer = options.word("referrer_policy", REFERRER);
        if (referrer.isPresent()) {
            fields = add(fields, "Referrer-Policy", referrer.get());
        }
        Optional<String> policy = options.text("content_security_policy");
        if (policy.isPresent()) {
            if (policy.get().isBlank() || !HeaderFilter.isClean(bytes(policy.get()))) {
                throw options.error("content_security_policy",
                    "The \"content_security_policy\" value must be a text without control characters.");
            }
            fields = add(fields, "Content-Security-Policy", policy.get());
        }
        return new SecurityFilter(fields, options.get("hsts").map(hsts -> strict(hsts, options)));
    }

    private static Fields add(Fields fields, String name, String value) {
        return fields.and(AsciiString.of(name), bytes(value));
    }

    private static AsciiString bytes(String text) {
        return new AsciiString(ConfText.encode(text), false);
    }

    /** RFC 6797 §6.1, and what lists of preloaded hosts want. */
    private static AsciiString strict(Conf value, OptionObject options) {
        OptionObject hsts = OptionObject.of("hsts", value, Set.of("max_age", "include_subdomains", "preload"),
            options.at().child("hsts"));
        long age = hsts.integer("max_age", 0, LONGEST).orElse(YEAR);
        boolean subdomains = hsts.flag("include_subdomains", false);
        boolean preload = hsts.flag("preload", false);
        if (preload && (!subdomains || age < YEAR)) {
            throw hsts.error("preload", "The \"preload\" option needs \"include_subdomains\" and a \"max_age\" of at "
                + "least " + YEAR + ".");
        }
        return AsciiString.of("max-age=" + age + (subdomains ? "; includeSubDomains" : "")
            + (preload ? "; preload" : ""));
    }

    /** Adds fields that a response has not; those of an application, which knows its pages, stay. */
    private record SecurityFilter(Fields fields, Optional<AsciiString> strict) implements Filter {
        private static final AsciiString STRICT = AsciiString.cached("Strict-Transport-Security");

        @Override
        public Half half() {
            return Half.RESPONSE;
        }

        @Override
        public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
            for (int i = 0; i < fields.size(); i++) {
                put(fields.name(i), fields.value(i), head);
            }
            // Without TLS it would be ignored, and must not be sent (RFC 6797 §7.2).
            if (strict.isPresent() && exchange.request().isTls()) {
                put(STRICT, strict.get(), head);
            }
            return Optional.empty();
        }

        private static void put(AsciiString name, AsciiString value, ResponseHead head) {
            if (head.find(name) < 0) {
                head.add(name, value);
            }
        }
    }
}
