// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.AppRequest;
import io.margay.engine.EventLoops;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.posix.Fd;
import io.margay.testing.Await;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.io.ByteArrayOutputStream;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;

/** A pool over the wire, on two real loops, and clients that do not exist. */
abstract class Stage implements ErrorLog {

    private static final int SECONDS = 20;

    final Responder responder = new Responder();
    final EventLoops loops = EventLoops.create("test", 2);
    final List<String> log = new CopyOnWriteArrayList<>();
    /** The variables of requests. */
    volatile String variables = "x";
    volatile Optional<RequestEncoder.Answer> direct = Optional.empty();
    AppPool pool;

    /** A client. */
    static final class Client {

        final CompletableFuture<String> answer = new CompletableFuture<>();
        final byte[] body;
        final Optional<Fd> file;
        final long length;
        volatile boolean writable = true;
        volatile int received;
        volatile Optional<Runnable> wake = Optional.empty();
        final AppRequest request = (AppRequest) Proxy.newProxyInstance(Client.class.getClassLoader(),
            new Class<?>[] {AppRequest.class}, (proxy, method, arguments) -> call(method.getName(), arguments));
        private final ByteArrayOutputStream text = new ByteArrayOutputStream();
        private Optional<Runnable> lost = Optional.empty();

        Client(byte[] body, Optional<Fd> file, long length) {
            this.body = body;
            this.file = file;
            this.length = length;
        }

        private Object call(String method, Object[] arguments) {
            return switch (method) {
                case "fieldCount", "targetIndex" -> 0;
                case "isDone" -> answer.isDone();
                case "isWritable" -> writable;
                case "contentLength" -> length;
                case "body" -> Unpooled.wrappedBuffer(body);
                case "bodyFile" -> file;
                case "start" -> start((int) arguments[0], (ByteBuf) arguments[1]);
                default -> act(method, arguments);
            };
        }

        private boolean start(int status, ByteBuf fields) {
            text.writeBytes((status + " " + fields.toString(StandardCharsets.ISO_8859_1))
                .getBytes(StandardCharsets.ISO_8859_1));
            return true;
        }

        private Object act(String method, Object[] arguments) {
            switch (method) {
                case "fail" -> answer.complete(arguments[0].toString());
                case "abort" -> answer.complete("cut: " + text.toString(StandardCharsets.ISO_8859_1));
                case "onLost" -> lost = Optional.of((Runnable) arguments[0]);
                case "onWritable" -> wake = Optional.of((Runnable) arguments[0]);
                case "write" -> {
                    ByteBuf data = (ByteBuf) arguments[0];
                    byte[] bytes = new byte[data.readableBytes()];
                    data.readBytes(bytes);
                    data.release();
                    text.writeBytes(bytes);
                    received += bytes.length;
                    if ((boolean) arguments[1]) {
                        answer.complete(text.toString(StandardCharsets.ISO_8859_1));
                    }
                }
                case "flush", "mark", "isWatched" -> {
                    return null;
                }
                default -> throw new UnsupportedOperationException(method);
            }
            return null;
        }

        void leave() {
            answer.complete("left");
            lost.ifPresent(Runnable::run);
            wake.ifPresent(Runnable::run);
        }

        String await() {
            return answer.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        }
    }

    private final class Plain implements Language {

        @Override
        public String type() {
            return "test";
        }

        @Override
        public String wire() {
            return "fastcgi";
        }

        @Override
        public List<Probe> probes() {
            return List.of();
        }

        @Override
        public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
            throw new UnsupportedOperationException("main does not exist here");
        }

        @Override
        public RequestEncoder encoder(AppSpec app) {
            return new RequestEncoder() {
                @Override
                public Optional<Answer> answer(RequestView request) {
                    return direct;
                }

                @Override
                public boolean encode(RequestView request, ByteBuf out) {
                    if (out.writableBytes() < variables.length() + 100) {
                        return false;
                    }
                    out.writeCharSequence(variables, StandardCharsets.ISO_8859_1);
                    return true;
                }
            };
        }
    }

    AppPool make(String options) throws Exception {
        String json = "{\"type\":\"test\"" + (options.isEmpty() ? "" : "," + options.replace('\'', '"')) + "}";
        pool = new AppPool(new AppSpec("blog", (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8))),
            new Plain(), new FastCgiWireFactory(), loops.loop(0), loops.all(), responder, this);
        pool.start().toCompletableFuture().orTimeout(SECONDS, TimeUnit.SECONDS).join();
        return pool;
    }

    Client send(int loop) {
        return send(loop, new Client(new byte[0], Optional.empty(), 0));
    }

    Client send(int loop, Client client) {
        loops.loop(loop).execute(() -> pool.submit(loop, client.request));
        return client;
    }

    void run(int loop, Runnable action) {
        CompletableFuture.runAsync(action, loops.loop(loop)).orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    void await(String what, BooleanSupplier condition) {
        Await.until(() -> what + ": " + log + " " + responder.orders, condition);
    }

    /** The pool ends, and with it everything that was open. */
    @AfterEach
    void close() {
        CompletableFuture<Void> retired = pool.retire().toCompletableFuture();
        await("the master is told to stop", () -> responder.orders.contains("stop " + responder.master()));
        pool.workerGone(responder.master(), 0);
        retired.orTimeout(SECONDS, TimeUnit.SECONDS).join();
        await("nobody can connect any more", () -> responder.masters.get()
            == responder.orders.stream().filter("closed"::equals).count());
        loops.close();
    }

    @Override
    public void write(Level level, String text) {
        log.add(text);
    }
}
