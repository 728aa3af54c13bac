// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.http.Answer;
import io.margay.http.Ascii;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.Request;
import io.margay.http.ResponseHead;
import io.margay.http.Vary;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.netty.util.AsciiString;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Answers preflights, and tells browsers which origins may read responses. The application's own words are removed. */
final class CorsFilter implements Filter {
    private static final AsciiString ORIGIN = AsciiString.cached("Origin");
    private static final AsciiString METHOD = AsciiString.cached("Access-Control-Request-Method");
    private static final AsciiString HEADERS = AsciiString.cached("Access-Control-Request-Headers");
    private static final AsciiString ALLOW_ORIGIN = AsciiString.cached("Access-Control-Allow-Origin");
    private static final AsciiString ALLOW_CREDENTIALS = AsciiString.cached("Access-Control-Allow-Credentials");
    private static final AsciiString ALLOW_METHODS = AsciiString.cached("Access-Control-Allow-Methods");
    private static final AsciiString ALLOW_HEADERS = AsciiString.cached("Access-Control-Allow-Headers");
    private static final AsciiString MAX_AGE = AsciiString.cached("Access-Control-Max-Age");
    private static final AsciiString EXPOSE = AsciiString.cached("Access-Control-Expose-Headers");
    private static final AsciiString[] OWN = {ALLOW_ORIGIN, ALLOW_CREDENTIALS, ALLOW_METHODS, ALLOW_HEADERS, MAX_AGE,
        EXPOSE};
    private static final AsciiString OPTIONS = AsciiString.cached("OPTIONS");
    private static final AsciiString TRUE = AsciiString.cached("true");
    private static final AsciiString STAR = AsciiString.cached("*");
    private static final int NO_CONTENT = 204;
    private static final int FORBIDDEN = 403;
    private static final Answer ANSWER = new Answer(NO_CONTENT, Fields.NONE, new byte[0]);

    /** What preflights ask for. */
    static final class Preflight {
        private static final AsciiString AUTHORIZATION = AsciiString.cached("authorization");
        private static final List<String> SIMPLE = List.of("GET", "HEAD", "POST");
        private static final List<String> LISTED = List.of("accept", "accept-language", "content-language",
            "content-type", "range");

        private final Set<AsciiString> methods = new HashSet<>();
        private final Set<AsciiString> headers = new HashSet<>();
        private final AsciiString methodList;
        private final AsciiString headerList;
        private final Optional<AsciiString> maxAge;

        /**
         * What may be asked for.
         *
         * @param maxAge seconds for which browsers may remember it
         */
        Preflight(List<String> methods, List<String> headers, Optional<AsciiString> maxAge) {
            methods.forEach(name -> this.methods.add(AsciiString.of(name)));
            SIMPLE.forEach(name -> this.methods.add(AsciiString.of(name)));
            headers.forEach(name -> this.headers.add(AsciiString.of(name.toLowerCase(Locale.ROOT))));
            LISTED.forEach(name -> this.headers.add(AsciiString.of(name)));
            methodList = AsciiString.of(String.join(", ", methods));
            headerList = AsciiString.of(String.join(", ", headers));
            this.maxAge = maxAge;
        }

        boolean permits(Request request, int method) {
            if (!methods.contains(request.value(method)) && !methods.contains(STAR)) {
                return false;
            }
            for (int i = request.find(HEADERS, 0); i >= 0; i = request.find(HEADERS, i + 1)) {
                for (AsciiString part : request.value(i).split(',')) {
                    AsciiString name = Ascii.trim(part).toLowerCase();
                    boolean listed = name.isEmpty() || headers.contains(name);
                    if (!listed && (name.equals(AUTHORIZATION) || !headers.contains(STAR))) {
                        return false;
                    }
                }
            }
            return true;
        }

        void tell(ResponseHead head) {
            Vary.add(head, METHOD);
            Vary.add(head, HEADERS);
            if (!methodList.isEmpty()) {
                head.add(ALLOW_METHODS, methodList);
            }
            if (!headerList.isEmpty()) {
                head.add(ALLOW_HEADERS, headerList);
            }
            if (maxAge.isPresent()) {
                head.add(MAX_AGE, maxAge.get());
            }
        }
    }

    private final Origins origins;
    private final boolean credentials;
    private final Preflight preflight;
    private final Optional<AsciiString> expose;

    /**
     * Creates a filter.
     *
     * @param credentials whether browsers may send cookies and the like
     * @param expose fields of responses that pages may read
     */
    CorsFilter(Origins origins, boolean credentials, Preflight preflight, Optional<AsciiString> expose) {
        this.origins = origins;
        this.credentials = credentials;
        this.preflight = preflight;
        this.expose = expose;
    }

    @Override
    public void request(Exchange exchange, Action next) {
        Request request = exchange.request();
        int method = asked(request);
        if (method < 0) {
            next.run(exchange);
        } else if (isKnown(request) && preflight.permits(request, method)) {
            exchange.respond(ANSWER);
        } else {
            exchange.fail(FORBIDDEN);
        }
    }

    /** The field with the method that a preflight asks for; -1 if the request is none. */
    private static int asked(Request request) {
        return request.method().equals(OPTIONS) && request.find(ORIGIN, 0) >= 0 ? request.find(METHOD, 0) : -1;
    }

    private boolean isKnown(Request request) {
        int field = request.find(ORIGIN, 0);
        return origins.isAll()
            || field >= 0 && request.find(ORIGIN, field + 1) < 0 && origins.know(request.value(field));
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        for (AsciiString name : OWN) {
            head.remove(name);
        }
        Request request = exchange.request();
        if (!origins.isAll()) {
            Vary.add(head, ORIGIN);
        }
        boolean asked = asked(request) >= 0;
        if (!isKnown(request) || asked && head.status() != NO_CONTENT) {
            return Optional.empty();
        }
        head.add(ALLOW_ORIGIN, origins.isAll() ? STAR : request.value(request.find(ORIGIN, 0)));
        if (credentials) {
            head.add(ALLOW_CREDENTIALS, TRUE);
        }
        if (asked) {
            preflight.tell(head);
        } else if (expose.isPresent()) {
            head.add(EXPOSE, expose.get());
        }
        return Optional.empty();
    }
}
