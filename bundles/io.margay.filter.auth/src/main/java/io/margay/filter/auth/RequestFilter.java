// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.OwnRequest;
import io.margay.http.Request;
import io.margay.log.Complaints;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import io.netty.util.concurrent.ScheduledFuture;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/** Asks with the head of a request whether it may pass, and does as the answer says. */
final class RequestFilter implements Filter {
    private static final AsciiString GET = AsciiString.cached("GET");
    private static final AsciiString HOST = AsciiString.cached("Host");
    private static final AsciiString METHOD = AsciiString.cached("X-Forwarded-Method");
    private static final AsciiString URI = AsciiString.cached("X-Forwarded-Uri");
    private static final AsciiString FORWARDED_HOST = AsciiString.cached("X-Forwarded-Host");
    private static final AsciiString PROTO = AsciiString.cached("X-Forwarded-Proto");
    private static final AsciiString FOR = AsciiString.cached("X-Forwarded-For");
    private static final AsciiString LOCALHOST = AsciiString.cached("localhost");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString HTTP = AsciiString.cached("http");
    /** What the question says itself, what is of the body or the connection, what makes the answer another. */
    private static final List<AsciiString> OWN = List.of(HOST, METHOD, URI, FORWARDED_HOST, PROTO, FOR,
        AsciiString.cached("Content-Length"), AsciiString.cached("Content-Type"),
        AsciiString.cached("Content-Encoding"), AsciiString.cached("Transfer-Encoding"),
        AsciiString.cached("Connection"), AsciiString.cached("Upgrade"), AsciiString.cached("Expect"),
        AsciiString.cached("TE"), AsciiString.cached("Trailer"), AsciiString.cached("Keep-Alive"),
        AsciiString.cached("Proxy-Connection"), AsciiString.cached("HTTP2-Settings"),
        AsciiString.cached("If-Match"), AsciiString.cached("If-None-Match"), AsciiString.cached("If-Modified-Since"),
        AsciiString.cached("If-Unmodified-Since"), AsciiString.cached("If-Range"), AsciiString.cached("Range"),
        AsciiString.cached("Accept-Encoding"), AsciiString.cached("Sec-WebSocket-Key"),
        AsciiString.cached("Sec-WebSocket-Version"), AsciiString.cached("Sec-WebSocket-Extensions"));
    private static final Set<Integer> REFUSALS = Set.of(401, 403, 301, 302, 303, 307, 308);
    private static final int GOOD = 300;
    private static final int INTERNAL = 500;
    private static final int BAD_GATEWAY = 502;
    private static final int TIMEOUT = 504;

    private final Action ask;
    private final Template uri;
    private final List<AsciiString> headers;
    private final long seconds;
    private final Complaints complaints;

    /**
     * Creates a filter.
     *
     * @param ask answers the questions
     * @param uri what they ask for
     * @param headers fields of a good answer that the request gets
     * @param seconds for which an answer is waited for
     */
    RequestFilter(Action ask, Template uri, List<AsciiString> headers, long seconds, Complaints complaints) {
        this.ask = ask;
        this.uri = uri;
        this.headers = List.copyOf(headers);
        this.seconds = seconds;
        this.complaints = complaints;
    }

    @Override
    public Half half() {
        return Half.REQUEST;
    }

    @Override
    public void request(Exchange exchange, Action next) {
        Injected.remove(exchange, headers);
        Optional<OwnRequest> asked = exchange instanceof AuthQuestion ? Optional.empty() : question(exchange);
        if (asked.isEmpty()) {
            complaints.tell(exchange instanceof AuthQuestion ? "asks itself" : "the \"uri\" is no target of a request");
            exchange.fail(INTERNAL);
            return;
        }
        AuthQuestion question = new AuthQuestion(exchange, asked.get(), headers);
        boolean[] late = new boolean[1];
        ScheduledFuture<?> deadline = exchange.loop().netty().schedule(() -> {
            late[0] = true;
            question.abort();
        }, seconds, TimeUnit.SECONDS);
        question.onDone((done, complete) -> {
            deadline.cancel(false);
            // Not from within what has answered.
            exchange.loop().netty().execute(() -> {
                if (!exchange.isDone()) {
                    decide(exchange, question, complete, late[0], next);
                }
            });
        });
        exchange.onDone((done, complete) -> question.abort());
        ask.run(question);
    }

    private Optional<OwnRequest> question(Exchange exchange) {
        Request request = exchange.request();
        AsciiString host = request.authority().isEmpty() ? LOCALHOST : request.authority();
        List<AsciiString> fields = new ArrayList<>(List.of(HOST, host, METHOD, request.method(), URI, request.target(),
            FORWARDED_HOST, host, PROTO, request.isTls() ? HTTPS : HTTP, FOR, request.remote().text()));
        for (int i = 0; i < request.fieldCount(); i++) {
            if (OWN.stream().noneMatch(request.name(i)::contentEqualsIgnoreCase)) {
                fields.add(request.name(i));
                fields.add(request.value(i));
            }
        }
        AsciiString target = uri.evaluate(exchange);
        return clean(target) ? OwnRequest.of(GET, host, target,
            Fields.of(fields.toArray(AsciiString[]::new)), new byte[0]) : Optional.empty();
    }

    /** Whether a template has made something that can stand in the line of a request. */
    private static boolean clean(AsciiString target) {
        for (int i = 0; i < target.length(); i++) {
            byte c = target.byteAt(i);
            if (c >= 0 && c <= ' ' || c == 0x7f) {
                return false;
            }
        }
        return target.startsWith("/");
    }

    private void decide(Exchange exchange, AuthQuestion question, boolean complete, boolean late, Action next) {
        int status = question.status();
        if (!complete || status >= INTERNAL) {
            complaints.tell(late ? "no answer within " + seconds + " seconds" : "the answer was "
                + (complete ? Integer.toString(status) : "cut"));
            exchange.fail(late || status == TIMEOUT ? TIMEOUT : BAD_GATEWAY);
        } else if (status < GOOD) {
            question.found().forEach((name, value) -> exchange.requestField(name, Optional.of(value)));
            next.run(exchange);
        } else if (REFUSALS.contains(status)) {
            question.show(exchange);
        } else {
            complaints.tell("the answer was " + status);
            exchange.fail(BAD_GATEWAY);
        }
    }
}
