// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.engine.EventLoops;
import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Port;
import io.margay.port.Ports;
import io.margay.port.Quit;
import io.margay.port.ReceiveBuffer;
import io.margay.port.Rpc;
import io.margay.port.SocketError;
import io.margay.port.SocketRequest;
import io.margay.port.StartProcess;
import io.margay.posix.Address;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Sockets;
import io.margay.process.CoreChild;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The router's control loop with a main that opens unix sockets and notes what it was asked for. */
final class Stage implements AutoCloseable {

    static final int SECONDS = 20;
    static final int MAIN = 1_000_000_000;

    final Lines lines = new Lines();
    final List<String> asked = new CopyOnWriteArrayList<>();
    /** Certificates that main keeps. */
    final Map<String, byte[]> certificates = new HashMap<>();
    /** Addresses that main refuses, and the payload of the refusal. */
    final Map<String, byte[]> refusals = new HashMap<>();
    /** Main does not open sockets now. */
    volatile boolean silent;
    private Runnable late = () -> { };
    final EventLoops loops = EventLoops.create("test", 1, failure -> lines.alert("loop " + failure));
    final CoreChild child;
    private final Port main;
    private final Fd[] others = new Fd[2];

    Stage() {
        Fd[] read = Sockets.seqpacketPair();
        Fd[] way = Sockets.seqpacketPair();
        Fd[] live = Sockets.seqpacketPair();
        others[0] = read[1];
        others[1] = live[1];
        String init = "{\"role\":\"router\",\"pid\":" + MAIN + ",\"version\":\"1.35.0\",\"read\":" + read[0].release()
            + ",\"main\":" + way[0].release() + ",\"live\":" + live[0].release() + ",\"kinds\":" + Kinds.json() + "}";
        child = call(() -> new CoreChild(init, "router", Ports.standalone(), loops.loop(0), Rpc.OWNER_ROUTER, lines));
        main = call(() -> Port.open(loops.loop(0), way[1], new ReceiveBuffer(), new Port.Limits(3, 64),
            new Port.Handler() {
                @Override
                public void message(Port port, Message message) {
                    asked(message);
                }

                @Override
                public void failed(Port port, String reason) {
                    lines.alert(reason);
                }
            }, lines));
    }

    static ConfObject conf(String json) {
        try {
            return (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException(json, e);
        }
    }

    private void asked(Message message) {
        String name = MessageType.name(message.type());
        if (message.type() == MessageType.SOCKET) {
            SocketRequest request = SocketRequest.decode(message);
            asked.add(name + " " + request.address() + " " + request.backlog()
                + (request.shared() ? " shared" : ""));
            byte[] refusal = refusals.get(request.address());
            if (silent) {
                int stream = message.stream();
                late = () -> answer(MessageType.RPC_READY, stream, new byte[0], bound(request));
            } else if (refusal == null) {
                answer(MessageType.RPC_READY, message.stream(), new byte[0], bound(request));
            } else {
                answer(MessageType.RPC_ERROR, message.stream(), refusal);
            }
        } else if (message.type() == MessageType.START_PROCESS) {
            StartProcess start = StartProcess.decode(message);
            asked.add(name + " " + start.name() + " " + start.revision() + " "
                + new String(start.json(), StandardCharsets.UTF_8) + " fds " + message.fdCount() + " "
                + start.descriptors());
            byte[] refusal = refusals.getOrDefault("START", "no luck".getBytes(StandardCharsets.UTF_8));
            answer(MessageType.RPC_ERROR, message.stream(), refusal);
        } else if (message.type() == MessageType.CERT_GET) {
            String certificate = ContentRequest.decode(message).name();
            asked.add(name + " " + certificate);
            byte[] content = certificates.get(certificate);
            if (content == null) {
                answer(MessageType.RPC_ERROR, message.stream(), "not stored".getBytes(StandardCharsets.UTF_8));
            } else {
                answer(MessageType.RPC_READY, message.stream(), LargePayload.length(content.length),
                    Files.sealedMemory("content", content));
            }
        } else if (message.type() == MessageType.QUIT) {
            Quit order = Quit.decode(message);
            asked.add(name + " " + order.graceful() + " " + order.pid());
        } else {
            asked.add(name + " " + message.text());
            if (message.type() == MessageType.SOCKET_UNLINK) {
                answer(MessageType.RPC_READY, message.stream(), new byte[0]);
            }
        }
    }

    private static Fd bound(SocketRequest request) {
        Address parsed = Address.parse(request.address());
        Fd socket = Sockets.socket(parsed.family(), Sockets.SOCK_STREAM, 0);
        if (request.shared()) {
            Sockets.setOption(socket, Sockets.SOL_SOCKET, Sockets.SO_REUSEPORT, 1);
        }
        Sockets.bind(socket, parsed);
        return socket;
    }

    /** Main opens the socket that it was last asked for; on the loop. */
    void answerLate() {
        late.run();
    }

    /** Main's answer; on the loop. */
    void answer(int type, int stream, byte[] payload, Fd... fds) {
        int[] numbers = new int[fds.length];
        for (int i = 0; i < fds.length; i++) {
            numbers[i] = fds[i].release();
        }
        try (Message message = new Message(Header.last(type, stream, MAIN), ByteBuffer.wrap(payload), MAIN, 0, 0,
            numbers)) {
            child.rpc().dispatch(message);
        }
    }

    static byte[] error(String text) {
        return new SocketError(SocketError.INUSE, text).encode();
    }

    <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loops.loop(0).execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    void await(String reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain: " + reason + "; log " + lines.all + ", asked " + asked);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    @Override
    public void close() {
        call(() -> {
            main.close();
            child.main().close();
            return 0;
        });
        for (Fd other : others) {
            other.close();
        }
        loops.close();
    }
}
