// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.netty.util.AsciiString;
import java.util.Optional;

/** Answers {@code /.well-known/acme-challenge/TOKEN} for tokens that are known (RFC 8555 §8.3). */
final class ChallengeFilter implements Filter {
    private static final AsciiString PLACE = AsciiString.cached("/.well-known/acme-challenge/");
    private static final Fields FIELDS = Fields.of(AsciiString.cached("Content-Type"),
        AsciiString.cached("application/octet-stream"));
    private static final int OK = 200;

    private final Tokens<byte[]> tokens;

    ChallengeFilter(Tokens<byte[]> tokens) {
        this.tokens = tokens;
    }

    @Override
    public Half half() {
        return Half.REQUEST;
    }

    /** Other tokens may be those of a program that puts its answers into a directory. */
    @Override
    public void request(Exchange exchange, Action next) {
        AsciiString path = exchange.request().path();
        if (!path.startsWith(PLACE)) {
            next.run(exchange);
            return;
        }
        Optional<byte[]> answer = tokens.get(path.subSequence(PLACE.length()).toString());
        if (answer.isPresent()) {
            exchange.respond(OK, FIELDS, answer.get());
        } else {
            next.run(exchange);
        }
    }
}
