// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.http.Exchange;
import io.margay.log.Complaints;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** Lets those through whose password is right. */
final class BasicFilter implements Filter {
    private static final AsciiString SCHEME = AsciiString.cached("Basic ");
    private static final int LONGEST = 2048;
    private static final int REMEMBERED = 1024;
    private static final long LIFETIME = TimeUnit.SECONDS.toNanos(60);

    private final Source<Users> users;
    private final Challenge challenge;
    private final Optional<AsciiString> header;
    private final List<AsciiString> injected;
    private final boolean hides;
    private final AuthWorkers workers;
    private final Complaints complaints;
    private final Digest digest = new Digest();
    private final Verified<AsciiString> verified = new Verified<>(REMEMBERED, LIFETIME);

    /**
     * Creates a filter.
     *
     * @param header the field that gets the name
     * @param hides whether nobody behind gets the password
     */
    BasicFilter(Source<Users> users, Challenge challenge, Optional<AsciiString> header, boolean hides,
            AuthWorkers workers, Complaints complaints) {
        this.users = users;
        this.challenge = challenge;
        this.header = header;
        this.injected = header.map(List::of).orElse(List.of());
        this.hides = hides;
        this.workers = workers;
        this.complaints = complaints;
    }

    @Override
    public Half half() {
        return Half.REQUEST;
    }

    @Override
    public void request(Exchange exchange, Action next) {
        Injected.remove(exchange, injected);
        Optional<AsciiString> sent = AuthorizationField.of(exchange.request(), SCHEME);
        if (sent.isEmpty() || sent.get().length() > LONGEST) {
            challenge.answer(exchange);
            return;
        }
        long now = exchange.loop().now();
        Source.Held<Users> held = users.current(now).orElseThrow();
        AsciiString key = digest.of(held.number(), sent.get());
        Optional<AsciiString> known = verified.known(key, now);
        if (known.isPresent()) {
            pass(exchange, known.get(), next);
            return;
        }
        byte[] plain = decode(sent.get());
        int colon = 0;
        while (colon < plain.length && plain[colon] != ':') {
            colon++;
        }
        if (colon == 0 || colon == plain.length) {
            challenge.answer(exchange);
            return;
        }
        AsciiString name = new AsciiString(plain, 0, colon, true);
        byte[] password = Arrays.copyOfRange(plain, colon + 1, plain.length);
        Later.run(exchange, verified.check(key, workers.passwords(), () -> held.value().check(name, password)),
            complaints, found -> {
                if (found.isPresent()) {
                    pass(exchange, found.get(), next);
                } else {
                    challenge.answer(exchange);
                }
            });
    }

    private static byte[] decode(AsciiString text) {
        try {
            return Base64.getDecoder().decode(text.toByteArray());
        } catch (IllegalArgumentException e) {
            return new byte[0];
        }
    }

    private void pass(Exchange exchange, AsciiString name, Action next) {
        if (header.isPresent()) {
            exchange.requestField(header.get(), Optional.of(name));
        }
        if (hides) {
            exchange.requestField(AuthorizationField.AUTHORIZATION, Optional.empty());
        }
        next.run(exchange);
    }
}
