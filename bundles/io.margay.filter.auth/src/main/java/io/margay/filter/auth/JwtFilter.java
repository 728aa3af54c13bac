// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.http.Exchange;
import io.margay.log.Complaints;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Lets those through who have a good token. */
final class JwtFilter implements Filter {
    private static final AsciiString SCHEME = AsciiString.cached("Bearer ");
    private static final int REMEMBERED = 4096;
    private static final long LIFETIME = TimeUnit.SECONDS.toNanos(300);

    private final Source<TokenKeys> keys;
    private final List<Algorithm> algorithms;
    private final ClaimRules rules;
    private final List<AsciiString> injected;
    private final Optional<Template> place;
    private final Challenge missing;
    private final Challenge wrong;
    private final AuthWorkers workers;
    private final Complaints complaints;
    private final Digest digest = new Digest();
    private final Verified<ClaimRules.Holder> verified = new Verified<>(REMEMBERED, LIFETIME);

    /**
     * Creates a filter.
     *
     * @param place what the token is, if it is not in the field {@code Authorization}
     */
    JwtFilter(Source<TokenKeys> keys, List<Algorithm> algorithms, ClaimRules rules, Optional<Template> place,
            Challenge missing, Challenge wrong, AuthWorkers workers, Complaints complaints) {
        this.keys = keys;
        this.algorithms = List.copyOf(algorithms);
        this.rules = rules;
        this.injected = List.copyOf(rules.headers().keySet());
        this.place = place;
        this.missing = missing;
        this.wrong = wrong;
        this.workers = workers;
        this.complaints = complaints;
        keys.current(System.nanoTime());
    }

    @Override
    public Half half() {
        return Half.REQUEST;
    }

    @Override
    public void request(Exchange exchange, Action next) {
        // Before a template can be one of those that are removed.
        AsciiString text = place.isPresent() ? place.get().evaluate(exchange)
            : AuthorizationField.of(exchange.request(), SCHEME).orElse(AsciiString.EMPTY_STRING);
        Injected.remove(exchange, injected);
        if (text.isEmpty()) {
            missing.answer(exchange);
            return;
        }
        long now = exchange.loop().now();
        Optional<Source.Held<TokenKeys>> held = keys.current(now);
        long number = held.map(Source.Held::number).orElse(0L);
        AsciiString key = digest.of(number, text);
        Optional<ClaimRules.Holder> known = verified.known(key, now);
        if (known.isPresent()) {
            decide(exchange, known, next);
            return;
        }
        Optional<Token> token = text.length() > Token.LONGEST ? Optional.empty()
            : Token.parse(new String(text.array(), text.arrayOffset(), text.length(), StandardCharsets.ISO_8859_1))
                .filter(each -> algorithms.contains(each.algorithm()));
        if (token.isEmpty()) {
            wrong.answer(exchange);
            return;
        }
        AsciiString kept = new AsciiString(text.toByteArray(), false);
        Later.run(exchange, judge(token.get(), key, kept, held, now), complaints,
            found -> decide(exchange, found, next));
    }

    /** Looks for the key, elsewhere too if it is not here, then at the signature. */
    private CompletableFuture<Optional<ClaimRules.Holder>> judge(Token token, AsciiString key, AsciiString text,
            Optional<Source.Held<TokenKeys>> held, long now) {
        List<TokenKey> those = held.map(set -> set.value().find(token.key(), token.algorithm())).orElse(List.of());
        if (!those.isEmpty()) {
            return check(token, key, those);
        }
        return keys.newer(held.map(Source.Held::number).orElse(0L), now).thenCompose(newer -> {
            List<TokenKey> others = newer.value().find(token.key(), token.algorithm());
            return others.isEmpty() ? CompletableFuture.completedFuture(Optional.empty())
                : check(token, digest.of(newer.number(), text), others);
        });
    }

    private CompletableFuture<Optional<ClaimRules.Holder>> check(Token token, AsciiString key, List<TokenKey> those) {
        return verified.check(key, workers.tokens(), () -> token.claims(those).flatMap(rules::judge));
    }

    private void decide(Exchange exchange, Optional<ClaimRules.Holder> holder, Action next) {
        if (holder.isEmpty() || !holder.get().isGood(System.currentTimeMillis() / 1000)) {
            wrong.answer(exchange);
            return;
        }
        holder.get().fields().forEach((name, value) -> exchange.requestField(name, Optional.of(value)));
        next.run(exchange);
    }
}
