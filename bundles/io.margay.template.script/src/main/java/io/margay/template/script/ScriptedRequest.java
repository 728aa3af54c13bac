// SPDX-License-Identifier: Apache-2.0
package io.margay.template.script;

import io.margay.conf.ConfText;
import io.margay.http.Exchange;
import io.margay.http.Request;
import io.margay.route.Arguments;
import io.margay.script.ScriptRequest;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.function.BiConsumer;

/** A request as scripts see it (spec/routing.md §6.5). On its loop. */
final class ScriptedRequest implements ScriptRequest {
    /** Arguments of a query that scripts get to see. */
    private static final int MOST_ARGUMENTS = 1000;

    private final Exchange exchange;
    private final LoopRealms.Own own;

    ScriptedRequest(Exchange exchange, LoopRealms.Own own) {
        this.exchange = exchange;
        this.own = own;
    }

    private static String text(AsciiString bytes) {
        return ConfText.decode(bytes.array(), bytes.arrayOffset(), bytes.arrayOffset() + bytes.length());
    }

    @Override
    public String uri() {
        return text(exchange.request().path());
    }

    @Override
    public String host() {
        return text(exchange.request().host());
    }

    @Override
    public String remoteAddr() {
        return text(exchange.request().remote().text());
    }

    @Override
    public void args(BiConsumer<String, String> visitor) {
        int[] left = {MOST_ARGUMENTS};
        Arguments.query(exchange, (name, value) -> {
            visitor.accept(text(name), text(value));
            return --left[0] > 0;
        });
    }

    @Override
    public void headers(BiConsumer<String, String> visitor) {
        Request request = exchange.request();
        for (int i = 0; i < request.fieldCount(); i++) {
            visitor.accept(text(request.name(i)), text(request.value(i)));
        }
    }

    @Override
    public void cookies(BiConsumer<String, String> visitor) {
        Arguments.cookies(exchange, (name, value) -> {
            visitor.accept(text(name), text(value));
            return true;
        });
    }

    @Override
    public Optional<String> variable(String name) {
        return own.variable(name).map(variable -> text(variable.evaluate(exchange)));
    }
}
