// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.netty.util.AsciiString;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** What an exchange knows besides its response: loop, settings, timings, path, listeners. */
abstract class ExchangeState implements Exchange, Request {
    private static final DoneListener NOBODY = (exchange, complete) -> { };

    private final HttpLoop loop;
    private final HttpSettings settings;
    private final Timings timings;
    private DoneListener listener = NOBODY;
    private Optional<Runnable> writable = Optional.empty();
    private AsciiString path = AsciiString.EMPTY_STRING;
    private AsciiString id = AsciiString.EMPTY_STRING;
    private int hops;
    private int status;
    private boolean started;
    private boolean done;
    private boolean keeping;
    /** The request with other fields; null, most of the time, while nobody has changed any. */
    private Request edited;
    private Fields trailers = Fields.NONE;
    private Optional<ResponseHead> making = Optional.empty();
    private Optional<SentHead> sent = Optional.empty();
    private Optional<Deflation> deflation = Optional.empty();
    /** Null unless it has become a WebSocket. */
    private FrameSession frames;

    ExchangeState(HttpLoop loop, HttpSettings settings, Timings timings) {
        this.loop = loop;
        this.settings = settings;
        this.timings = timings;
    }

    @Override
    public final Request request() {
        return edited == null ? this : edited;
    }

    @Override
    public final void requestField(AsciiString name, Optional<AsciiString> value) {
        ResponseHead.check(name, value.orElse(AsciiString.EMPTY_STRING));
        edited = EditedRequest.of(request(), name, value);
    }

    @Override
    public final AsciiString path() {
        return path;
    }

    @Override
    public final void path(AsciiString changed) {
        path = changed;
    }

    @Override
    public final AsciiString requestId() {
        if (id.isEmpty()) {
            ThreadLocalRandom random = ThreadLocalRandom.current();
            id = AsciiString.of(HexFormat.of().toHexDigits(random.nextLong())
                + HexFormat.of().toHexDigits(random.nextLong()));
        }
        return id;
    }

    @Override
    public final void requestId(AsciiString changed) {
        id = changed;
    }

    @Override
    public final Timings timings() {
        return timings;
    }

    @Override
    public final void mark(Timings.Stage stage) {
        timings.mark(stage, loop.now());
        ExchangeProbe probe = loop.probe();
        // Who has no listener has not begun for the probe.
        if (probe != null && !timings.listener().isEmpty()) {
            probe.reached(this, stage);
        }
    }

    @Override
    public final HttpLoop loop() {
        return loop;
    }

    @Override
    public final int hop() {
        return ++hops;
    }

    @Override
    public final HttpSettings settings() {
        return settings;
    }

    @Override
    public final void trailer(AsciiString name, AsciiString value) {
        trailers = trailers.and(name, value);
    }

    final Fields trailers() {
        return trailers;
    }

    @Override
    public final void keepResponse() {
        keeping = true;
    }

    /** The head that filters look at now. */
    final void making(Optional<ResponseHead> head) {
        making = head;
    }

    /** The head that is sent now. */
    final void keep(ResponseHead head) {
        if (keeping) {
            sent = Optional.of(SentHead.of(head));
        }
    }

    /** What is sent now. */
    final void keep(Answer answer) {
        if (keeping) {
            sent = Optional.of(SentHead.of(answer));
        }
    }

    @Override
    public final Optional<AsciiString> responseField(AsciiString name) {
        if (making.isPresent()) {
            return SentHead.find(making.get(), name);
        }
        Optional<AsciiString> field = sent.flatMap(head -> head.field(name));
        return field.isPresent() || sent.isEmpty() ? field : protocolField(name);
    }

    /** A field of the head that was sent, which the protocol has added; letter case is ignored. */
    protected Optional<AsciiString> protocolField(AsciiString name) {
        return Optional.empty();
    }

    /** Settles by which extension frames will travel, and that the head of the response says so. */
    final void agree(ResponseHead head) {
        // Of frames the application knows only the plain kind.
        head.remove(Deflation.EXTENSIONS);
        deflation = Deflation.of(request(), settings.webSocket());
        deflation.ifPresent(agreed -> head.add(Deflation.EXTENSIONS, agreed.field()));
    }

    final Optional<Deflation> deflation() {
        return deflation;
    }

    /** From now on what is written passes through here. */
    final void frames(FrameSession session) {
        frames = session;
    }

    /** Null unless it has become a WebSocket. */
    final FrameSession frames() {
        return frames;
    }

    @Override
    public final void close(WebSocketFault fault) {
        if (!done && frames != null) {
            frames.leave(fault);
        }
    }

    @Override
    public final int status() {
        return status;
    }

    final void status(int code) {
        status = code;
    }

    @Override
    public final boolean isStarted() {
        return started;
    }

    /** The head is made. */
    final void started() {
        started = true;
        mark(Timings.Stage.FIRST_BYTE);
    }

    @Override
    public final boolean isDone() {
        return done;
    }

    /** Tells the listeners of the end, after which the exchange is done. */
    final void finish(boolean complete) {
        try {
            listener.done(this, complete);
        } catch (RuntimeException e) {
            loop.log().alert("a listener of a request failed: " + e);
        }
        done = true;
        writable = Optional.empty();
    }

    @Override
    public final void onWritable(Runnable action) {
        if (!done) {
            writable = Optional.of(action);
        }
    }

    /** The client takes data again. */
    public final void writable() {
        Optional<Runnable> action = writable;
        writable = Optional.empty();
        action.ifPresent(Runnable::run);
    }

    @Override
    public final void respond(int code, Fields fields, ByteBuf body) {
        respond(code, fields, body, Variants.NONE);
    }

    @Override
    public final void respond(int code, Fields fields, FileRegion body) {
        respond(code, fields, body, Variants.NONE);
    }

    @Override
    public final void onDone(DoneListener added) {
        DoneListener first = listener;
        listener = first == NOBODY ? added : (exchange, complete) -> {
            first.done(exchange, complete);
            added.done(exchange, complete);
        };
    }
}
