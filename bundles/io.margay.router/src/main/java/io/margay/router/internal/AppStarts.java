// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfWriter;
import io.margay.dispatch.ProcessControl;
import io.margay.lang.AppSpec;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Quit;
import io.margay.port.RpcFailure;
import io.margay.port.StartProcess;
import io.margay.port.WhoAmI;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.process.CoreChild;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Orders processes for the pools: prototypes from main, workers from prototypes. On the control loop, which is every
 * pool's home.
 */
final class AppStarts implements ProcessControl {

    /** Main gives a prototype up after {@code limits.start_timeout} and says so; this is on top, for a silent main. */
    private static final long ANSWER_MILLIS = 5_000;
    /** Numbers below this never meet those of the RPC registries, whose upper byte names their owner. */
    private static final int STREAMS = 1 << 24;
    private static final int FIRST_COPY = 3;
    /** The worker is named by its start: its pid may not be known yet. */
    private static final int NOBODY = -1;

    private final CoreChild child;
    private final AtomicInteger streams;
    private final int revision;
    /** 0 for that of pools, which is of no generation. */
    private final int generation;
    private boolean used;

    AppStarts(CoreChild child) {
        this(child, new AtomicInteger(), 0, 0);
    }

    private AppStarts(CoreChild child, AtomicInteger streams, int revision, int generation) {
        this.child = child;
        this.streams = streams;
        this.revision = revision;
        this.generation = generation;
    }

    /** The same for pools that use one installation of a language module: their prototypes are to be of that one. */
    AppStarts using(int installation) {
        return new AppStarts(child, streams, installation, 0);
    }

    @Override
    public ProcessControl generation() {
        return new AppStarts(child, streams, revision, nextStream());
    }

    @Override
    public void endGeneration() {
        if (used) {
            used = false;
            child.main().send(Header.last(MessageType.QUIT, generation, child.self()),
                new Quit(true, NOBODY).encode());
        }
    }

    @Override
    public CompletionStage<Integer> startPrototype(AppSpec app, List<Descriptor> descriptors) {
        CompletableFuture<Integer> result = new CompletableFuture<>();
        byte[] order;
        try {
            order = new StartProcess(app.name(), revision, generation, descriptors.stream().map(Descriptor::name)
                .toList(), ConfWriter.compact(app.conf())).encode();
        } catch (IllegalArgumentException e) {
            return CompletableFuture.failedFuture(e);
        }
        if (order.length > LargePayload.MAX_MESSAGE) {
            return CompletableFuture.failedFuture(new IllegalStateException("its configuration takes " + order.length
                + " bytes, an application may have " + LargePayload.MAX_MESSAGE));
        }
        Fd[] copies = new Fd[descriptors.size()];
        try {
            for (int i = 0; i < copies.length; i++) {
                copies[i] = Descriptors.duplicate(descriptors.get(i).number(), FIRST_COPY);
            }
        } catch (PosixException e) {
            for (Fd copy : copies) {
                Optional.ofNullable(copy).ifPresent(Fd::close);
            }
            return CompletableFuture.failedFuture(e);
        }
        int number = child.rpc().register(answer -> result.complete(WhoAmI.decode(answer).pid()),
            failure -> result.completeExceptionally(new IllegalStateException(reason(failure))),
            app.startMillis() + ANSWER_MILLIS,
            child.mainPid());
        try {
            used = generation != 0;
            Peer.Sent sent = child.main().send(Header.last(MessageType.START_PROCESS, number, child.self()),
                order, copies);
            if (sent == Peer.Sent.DROPPED) {
                child.rpc().forget(number);
                result.completeExceptionally(new IllegalStateException("main takes no requests"));
            }
        } catch (RuntimeException e) {
            // Whoever waits for the prototype hears why there is none.
            child.rpc().forget(number);
            for (Fd copy : copies) {
                copy.close();
            }
            result.completeExceptionally(e);
        }
        return result;
    }

    private static String reason(RpcFailure failure) {
        return switch (failure.kind()) {
            case ERROR -> failure.text();
            case DEADLINE -> "main did not start the process in time";
            case PEER_GONE -> "the process exited before it was ready";
            case CANCELLED -> "the router is leaving";
        };
    }

    @Override
    public void startWorker(int prototype, int start, byte[] payload) {
        send(prototype, MessageType.START_PROCESS, start, payload);
    }

    @Override
    public void stop(int process) {
        child.main().send(Header.last(MessageType.QUIT, 0, child.self()), new Quit(true, process).encode());
    }

    @Override
    public void quitWorker(int prototype, int worker) {
        send(prototype, MessageType.QUIT, 0, new Quit(true, worker).encode());
    }

    @Override
    public void killWorker(Optional<Integer> prototype, int process) {
        byte[] order = new Quit(false, process).encode();
        prototype.ifPresent(pid -> send(pid, MessageType.QUIT, 0, order));
        // The prototype may have gone, or hang itself.
        child.main().send(Header.last(MessageType.QUIT, 0, child.self()), order);
    }

    @Override
    public void killStart(int prototype, int start) {
        send(prototype, MessageType.QUIT, start, new Quit(false, NOBODY).encode());
    }

    @Override
    public void quitPrototype(int prototype) {
        send(prototype, MessageType.QUIT, 0, Quit.GRACEFUL.encode());
    }

    @Override
    public int nextStream() {
        return streams.updateAndGet(stream -> stream % (STREAMS - 1) + 1);
    }

    /** A prototype that has gone meanwhile needs no order: its pool hears of that by itself. */
    private void send(int prototype, int type, int number, byte[] payload) {
        child.table().find(prototype).flatMap(child.table()::peer)
            .ifPresent(peer -> peer.send(Header.last(type, number, child.self()), payload));
    }
}
