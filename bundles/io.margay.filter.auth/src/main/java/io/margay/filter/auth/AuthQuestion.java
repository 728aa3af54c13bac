// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.OwnExchange;
import io.margay.http.OwnRequest;
import io.margay.http.ResponseHead;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** The request that asks who may come, and what its answer says. On the loop of the request that it is about. */
final class AuthQuestion extends OwnExchange {
    /** What a client gets to see of a refusal. */
    private static final List<AsciiString> SHOWN = List.of(AsciiString.cached("Location"),
        AsciiString.cached("WWW-Authenticate"), AsciiString.cached("Set-Cookie"), AsciiString.cached("Content-Type"),
        AsciiString.cached("Retry-After"), AsciiString.cached("Cache-Control"));
    /** A page of a refusal that is longer is not shown. */
    private static final int MOST = 64 << 10;
    private static final int GOOD = 300;

    private final List<AsciiString> wanted;
    private final Map<AsciiString, AsciiString> found = new HashMap<>();
    private Fields shown = Fields.NONE;
    private ByteBuf body = Unpooled.EMPTY_BUFFER;
    private boolean tooLong;

    /**
     * A question.
     *
     * @param about the request that it is about
     * @param wanted fields of a good answer
     */
    AuthQuestion(Exchange about, OwnRequest request, List<AsciiString> wanted) {
        super(about.loop(), about.settings(), request);
        this.wanted = wanted;
        remote(about.request().remote());
        tls(about.request().isTls());
    }

    private boolean isGood() {
        return status() >= 200 && status() < GOOD;
    }

    @Override
    protected void whole(Answer answer) {
        for (int i = 0; i < answer.fields().size(); i++) {
            field(answer.fields().name(i), answer.fields().value(i));
        }
        if (!isGood()) {
            body = Unpooled.wrappedBuffer(answer.body());
        }
    }

    @Override
    protected void head(ResponseHead head) {
        for (int i = 0; i < head.size(); i++) {
            field(head.name(i), head.value(i));
        }
    }

    private void field(AsciiString name, AsciiString value) {
        for (AsciiString each : wanted) {
            if (each.contentEqualsIgnoreCase(name)) {
                found.putIfAbsent(each, value);
            }
        }
        if (!isGood() && SHOWN.stream().anyMatch(name::contentEqualsIgnoreCase)) {
            shown = shown.and(name, value);
        }
    }

    @Override
    protected void data(ByteBuf part) {
        if (isGood() || tooLong) {
            return;
        }
        tooLong = body.readableBytes() + part.readableBytes() > MOST;
        if (!tooLong) {
            body = Unpooled.wrappedBuffer(bytes(body, part));
        }
    }

    private static byte[] bytes(ByteBuf first, ByteBuf second) {
        byte[] all = new byte[first.readableBytes() + second.readableBytes()];
        int size = first.readableBytes();
        first.getBytes(first.readerIndex(), all, 0, size);
        second.getBytes(second.readerIndex(), all, size, all.length - size);
        return all;
    }

    /** The fields of a good answer that were wanted. */
    Map<AsciiString, AsciiString> found() {
        return found;
    }

    /** Gives a refusal to the client. */
    void show(Exchange to) {
        to.respond(status(), shown, tooLong ? new byte[0] : bytes(body, Unpooled.EMPTY_BUFFER));
    }
}
