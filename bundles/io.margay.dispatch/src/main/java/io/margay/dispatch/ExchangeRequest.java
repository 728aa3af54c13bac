// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.http.Exchange;
import io.margay.http.FieldLines;
import io.margay.http.Fields;
import io.margay.http.FrameListener;
import io.margay.http.Timings;
import io.margay.http.WebSocketFault;
import io.margay.posix.Fd;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.util.Optional;

/** The exchange of an HTTP connection as a request of a pool. */
final class ExchangeRequest implements AppRequest, Exchange.DoneListener {
    private final Exchange exchange;
    private final int target;
    private Optional<Runnable> lost = Optional.empty();
    private Optional<Runnable> writable = Optional.empty();

    ExchangeRequest(Exchange exchange, int target) {
        this.exchange = exchange;
        this.target = target;
    }

    @Override
    public AsciiString method() {
        return exchange.request().method();
    }

    @Override
    public AsciiString target() {
        return exchange.request().target();
    }

    @Override
    public AsciiString path() {
        return exchange.request().path();
    }

    @Override
    public AsciiString query() {
        return exchange.request().query();
    }

    @Override
    public AsciiString version() {
        return exchange.request().version();
    }

    @Override
    public AsciiString remoteAddress() {
        return exchange.request().remote().text();
    }

    @Override
    public AsciiString localAddress() {
        return exchange.request().local().text();
    }

    @Override
    public AsciiString localPort() {
        return exchange.request().local().portText();
    }

    @Override
    public AsciiString serverName() {
        return exchange.request().serverName();
    }

    @Override
    public boolean tls() {
        return exchange.request().isTls();
    }

    @Override
    public int targetIndex() {
        return target;
    }

    @Override
    public int fieldCount() {
        return exchange.request().fieldCount();
    }

    @Override
    public AsciiString fieldName(int index) {
        return exchange.request().name(index);
    }

    @Override
    public AsciiString fieldValue(int index) {
        return exchange.request().value(index);
    }

    @Override
    public long contentLength() {
        return exchange.request().contentLength();
    }

    @Override
    public ByteBuf body() {
        return exchange.request().body();
    }

    @Override
    public Optional<Fd> bodyFile() {
        return exchange.request().bodyFile();
    }

    @Override
    public boolean isDone() {
        return exchange.isDone();
    }

    @Override
    public boolean isWatched() {
        return exchange.loop().probe() != null;
    }

    @Override
    public void mark(Timings.Stage stage) {
        exchange.mark(stage);
    }

    @Override
    public void fail(int status) {
        exchange.fail(status);
    }

    @Override
    public void abort() {
        exchange.abort();
    }

    @Override
    public void interim(int status, Fields fields) {
        exchange.interim(status, fields);
    }

    @Override
    public void trailer(AsciiString name, AsciiString value) {
        if (FieldLines.isTrailer(name) && FieldLines.takesTrailers(exchange.request())) {
            exchange.trailer(name, value);
        }
    }

    @Override
    public boolean start(int status, ByteBuf fields) {
        return exchange.start(status, fields);
    }

    @Override
    public boolean webSocket() {
        return exchange.request().isWebSocket();
    }

    @Override
    public boolean upgrade(ByteBuf fields, FrameListener listener) {
        if (!exchange.upgrade(fields, listener)) {
            return false;
        }
        exchange.flush();
        return true;
    }

    @Override
    public void resume() {
        exchange.resume();
    }

    @Override
    public void close(WebSocketFault fault) {
        exchange.close(fault);
        exchange.flush();
    }

    @Override
    public void write(ByteBuf data, boolean last) {
        exchange.write(data, last);
        exchange.flush();
    }

    @Override
    public void flush() {
        exchange.flush();
    }

    @Override
    public boolean isWritable() {
        return exchange.isWritable();
    }

    @Override
    public void onWritable(Runnable action) {
        writable = Optional.of(action);
        exchange.onWritable(this::wake);
    }

    @Override
    public void onLost(Runnable action) {
        lost = Optional.of(action);
        exchange.onDone(this);
    }

    @Override
    public void done(Exchange ended, boolean complete) {
        if (!complete) {
            lost.ifPresent(Runnable::run);
        }
        // A client that is lost never becomes writable.
        wake();
    }

    private void wake() {
        Optional<Runnable> action = writable;
        writable = Optional.empty();
        action.ifPresent(Runnable::run);
    }
}
