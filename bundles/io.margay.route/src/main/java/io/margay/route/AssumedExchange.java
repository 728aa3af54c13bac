// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.FrameListener;
import io.margay.http.HttpLoop;
import io.margay.http.HttpSettings;
import io.margay.http.PeerAddress;
import io.margay.http.ResponseFilter;
import io.margay.http.Timings;
import io.netty.buffer.ByteBuf;
import io.netty.channel.FileRegion;
import io.netty.util.AsciiString;

/** What conditions and templates see of a request that is only assumed. There is no client: nothing can be answered. */
final class AssumedExchange implements Exchange {
    private final AssumedRequest request;
    private final Timings timings = new Timings();
    private int hops;

    AssumedExchange(AssumedRequest request) {
        this.request = request;
    }

    private static UnsupportedOperationException none() {
        return new UnsupportedOperationException("this depends on the course of a real request");
    }

    @Override
    public AssumedRequest request() {
        return request;
    }

    @Override
    public void path(AsciiString path) {
        request.path(path);
    }

    @Override
    public void tls(boolean encrypted) {
        request.tls(encrypted);
    }

    @Override
    public void remote(PeerAddress address) {
        request.remote(address);
    }

    @Override
    public Timings timings() {
        return timings;
    }

    @Override
    public void mark(Timings.Stage stage) {
        throw none();
    }

    @Override
    public HttpLoop loop() {
        throw none();
    }

    @Override
    public int hop() {
        return ++hops;
    }

    @Override
    public void filter(ResponseFilter filter) {
        throw none();
    }

    @Override
    public void dropFilters() {
        throw none();
    }

    @Override
    public HttpSettings settings() {
        return HttpSettings.DEFAULTS;
    }

    @Override
    public int status() {
        return 0;
    }

    @Override
    public long bodyBytesSent() {
        return 0;
    }

    @Override
    public boolean isStarted() {
        return false;
    }

    @Override
    public boolean isDone() {
        return false;
    }

    @Override
    public void respond(Answer answer) {
        throw none();
    }

    @Override
    public void respond(int status, Fields fields, byte[] body) {
        throw none();
    }

    @Override
    public void respond(int status, Fields fields, ByteBuf body) {
        throw none();
    }

    @Override
    public void respond(int status, Fields fields, FileRegion body) {
        throw none();
    }

    @Override
    public void fail(int status) {
        throw none();
    }

    @Override
    public void interim(int status, Fields fields) {
        throw none();
    }

    @Override
    public boolean start(int status, Fields fields, long length) {
        throw none();
    }

    @Override
    public boolean start(int status, ByteBuf fields) {
        throw none();
    }

    @Override
    public boolean upgrade(ByteBuf fields, FrameListener listener) {
        throw none();
    }

    @Override
    public void resume() {
        throw none();
    }

    @Override
    public void write(ByteBuf data, boolean last) {
        throw none();
    }

    @Override
    public void trailer(AsciiString name, AsciiString value) {
        throw none();
    }

    @Override
    public void flush() {
        throw none();
    }

    @Override
    public void abort() {
        throw none();
    }

    @Override
    public boolean isWritable() {
        return true;
    }

    @Override
    public void onWritable(Runnable action) {
        throw none();
    }

    @Override
    public void onDone(DoneListener listener) {
        throw none();
    }
}
