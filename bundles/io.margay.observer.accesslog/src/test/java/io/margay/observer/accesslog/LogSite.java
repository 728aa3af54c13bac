// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.engine.Generation;
import io.margay.http.Fields;
import io.margay.http.HttpBinding;
import io.margay.http.HttpLoop;
import io.margay.http.HttpServer;
import io.margay.http.HttpSettings;
import io.margay.log.ErrorLog;
import io.margay.log.LogOpener;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.protocol.http1.Http1Protocol;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RoutePlan;
import io.margay.testing.RouteSite;
import io.netty.buffer.Unpooled;
import io.netty.channel.embedded.EmbeddedChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** Configurations with an access log, and requests to them without a socket. The thread of the test is all loops. */
final class LogSite implements LogOpener, AutoCloseable {
    final List<String> lines = new ArrayList<>();
    final List<String> opened = new ArrayList<>();
    final BlockingQueue<Wish> rotations = new LinkedBlockingQueue<>();
    private final List<Runnable> reopen = new ArrayList<>();
    private final ErrorLog log = (level, text) -> {
        synchronized (lines) {
            lines.add(level.word() + " " + text);
        }
    };
    private final AccessLogFactory factory = new AccessLogFactory(this);
    private final Extensions extensions = Extensions.builder().add(factory, RouteSite.ORIGIN)
        .add(new AccessObserverFactory(), RouteSite.ORIGIN).add(new Returning(), RouteSite.ORIGIN).build();
    private final List<EmbeddedChannel> channels = new ArrayList<>();
    private Optional<RoutePlan> plan = Optional.empty();

    /** A file is to be rotated; the test does it. */
    record Wish(String text, CompletableFuture<Void> done) {
    }

    /** Brings a configuration into force; what was in force before is closed. */
    void apply(String accessLog, String steps) {
        ConfObject configuration = RouteSite.conf("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [" + steps
            + "]" + (accessLog.isEmpty() ? "" : ", 'access_log': " + accessLog) + "}");
        RoutePlan next = RoutePlan.compile(configuration, extensions, plan, log);
        try {
            next.start(Runnable::run).toCompletableFuture().join();
        } catch (CompletionException e) {
            next.close();
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
        next.commit();
        plan.ifPresent(RoutePlan::close);
        plan = Optional.of(next);
    }

    /** A connection that the test writes to. */
    EmbeddedChannel connect() {
        EmbeddedChannel channel = new EmbeddedChannel();
        new Http1Protocol().attach(channel, new HttpServer(new HttpBinding(HttpSettings.DEFAULTS,
            plan.orElseThrow().handler("*:80").orElseThrow(), new Generation(), false)),
            new HttpLoop(channel.eventLoop(), channels.size(), "1.35.0", log));
        channels.add(channel);
        return channel;
    }

    /** Sends bytes on a connection of their own. */
    EmbeddedChannel send(String bytes) {
        EmbeddedChannel channel = connect();
        channel.writeInbound(Unpooled.copiedBuffer(bytes, StandardCharsets.ISO_8859_1));
        return channel;
    }

    /** Sends a request with fields that bring their line ends. */
    void get(String target, String... fields) {
        send("GET " + target + " HTTP/1.1\r\n" + String.join("", fields) + "\r\n");
    }

    /** Lets the time pass after which lines are written. */
    void flush() {
        for (EmbeddedChannel channel : channels) {
            channel.advanceTimeBy(LoopLines.DELAY, TimeUnit.MILLISECONDS);
            channel.runScheduledPendingTasks();
        }
    }

    /** Runs what was put on the loops. */
    void run() {
        channels.forEach(EmbeddedChannel::runPendingTasks);
    }

    void reopenAll() {
        List.copyOf(reopen).forEach(Runnable::run);
    }

    @Override
    public CompletionStage<Fd> open(String path) {
        opened.add(path);
        try {
            return CompletableFuture.completedFuture(Files.open(path,
                Files.O_WRONLY | Files.O_APPEND | Files.O_CREAT | Files.O_NONBLOCK, 0600));
        } catch (PosixException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public CompletionStage<Void> rotate(String path, long size, int keep) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        rotations.add(new Wish(path + " " + size + " " + keep, done));
        return done;
    }

    @Override
    public AutoCloseable onReopen(Runnable action) {
        reopen.add(action);
        return () -> reopen.remove(action);
    }

    @Override
    public void close() {
        plan.ifPresent(RoutePlan::close);
        channels.forEach(channel -> {
            channel.runPendingTasks();
            channel.finishAndReleaseAll();
        });
        factory.stop();
    }

    /** {@code return} with fields: {@code {"return": 200, "fields": {"A": "b"}}}, and a body of five bytes. */
    private static final class Returning implements ActionFactory {
        @Override
        public String option() {
            return "return";
        }

        @Override
        public Set<String> options() {
            return Set.of("return", "fields", "stream");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            int status = (int) action.integer("return", 200);
            Fields fields = Fields.of(action.object("fields").orElse(ConfObject.EMPTY).members().entrySet().stream()
                .flatMap(each -> List.of(each.getKey(), ((ConfString) each.getValue()).value()).stream())
                .toArray(String[]::new));
            byte[] body = "12345".getBytes(StandardCharsets.US_ASCII);
            if (action.bool("stream", false)) {
                return e -> {
                    e.start(status, fields, -1);
                    e.write(Unpooled.wrappedBuffer(body), true);
                };
            }
            return e -> e.respond(status, fields, body);
        }
    }
}
