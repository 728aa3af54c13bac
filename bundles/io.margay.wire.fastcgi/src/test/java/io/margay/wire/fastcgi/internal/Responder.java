// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.fastcgi.internal;

import io.margay.dispatch.ProcessControl;
import io.margay.http.Records;
import io.margay.lang.AppSpec;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Sockets;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;

/** An application that speaks FastCGI as the test says: each connection that it accepts has a thread. */
final class Responder implements ProcessControl {

    private static final int FIRST = 4711;

    /** What it does with a request. */
    interface Script {
        void run(Talk talk) throws Exception;
    }

    volatile Script script = talk -> talk.answer("Content-Type: text/plain\r\n\r\nhello");
    /** Whether it reads bodies before it answers. */
    volatile boolean readsBodies = true;
    /** Whether it reads the ends of bodies before it answers, which PHP does not. */
    volatile boolean readsEnds = true;
    final List<String> orders = new CopyOnWriteArrayList<>();
    final AtomicInteger accepted = new AtomicInteger();
    final AtomicInteger masters = new AtomicInteger();
    private final AtomicInteger streams = new AtomicInteger();

    /** One connection. */
    final class Talk {

        final Fd fd;
        String variables = "";
        byte[] body = {};
        private final ByteArrayOutputStream parameters = new ByteArrayOutputStream();
        private final ByteArrayOutputStream input = new ByteArrayOutputStream();

        Talk(Fd fd) {
            this.fd = fd;
        }

        byte[] read(int length) {
            byte[] all = new byte[length];
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment memory = arena.allocate(Math.max(1, length));
                int have = 0;
                while (have < length) {
                    int count = Files.read(fd.number(), memory, have, length - have);
                    if (count <= 0) {
                        throw new IllegalStateException("the end");
                    }
                    have += count;
                }
                MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, 0, all, 0, length);
            }
            return all;
        }

        /** Reads a record; gives its type. */
        int record() {
            ByteBuffer header = ByteBuffer.wrap(read(8));
            byte[] content = read(header.getShort(4) & 0xffff);
            read(header.get(6) & 0xff);
            switch (header.get(1)) {
                case Records.PARAMS -> parameters.writeBytes(content);
                case Records.STDIN -> input.writeBytes(content);
                default -> {
                    return header.get(1);
                }
            }
            return content.length == 0 ? -header.get(1) : header.get(1);
        }

        /** Reads up to the end of the body, or, like PHP without a body, of the variables alone. */
        void request(int until) {
            parameters.reset();
            input.reset();
            int type = 0;
            while (type != -until) {
                type = record();
                if (type == Records.ABORT_REQUEST) {
                    orders.add("abort");
                    end(0);
                    throw new IllegalStateException("aborted");
                }
            }
            variables = parameters.toString(StandardCharsets.ISO_8859_1);
            body = input.toByteArray();
        }

        void send(byte[] bytes) {
            Files.writeAll(fd.number(), bytes);
        }

        void send(int type, byte[] content) {
            for (int at = 0; at == 0 || at < content.length; at += Records.MOST) {
                int length = Math.min(Records.MOST, content.length - at);
                send(ByteBuffer.allocate(8 + length).put((byte) 1).put((byte) type).putShort((short) 1)
                    .putShort((short) length).putShort((short) 0).put(content, at, length).array());
            }
        }

        void send(int type, String content) {
            send(type, content.getBytes(StandardCharsets.ISO_8859_1));
        }

        void end(int protocolStatus) {
            send(Records.END_REQUEST, new byte[] {0, 0, 0, 0, (byte) protocolStatus, 0, 0, 0});
        }

        void answer(String response) {
            send(Records.STDOUT, response);
            end(0);
        }

        private void serve() {
            try (fd) {
                while (true) {
                    request(readsBodies && readsEnds ? Records.STDIN : Records.PARAMS);
                    if (variables.contains(Greeting.SCRIPT)) {
                        answer("\r\npong");
                        if (!readsBodies || !readsEnds) {
                            record();
                        }
                    } else {
                        boolean rest = !readsBodies;
                        script.run(this);
                        while (rest && record() != -Records.STDIN) {
                            continue;
                        }
                    }
                }
            } catch (IllegalStateException | PosixException e) {
                // The other side has closed the connection.
            } catch (Exception e) {
                throw new AssertionError(e);
            }
        }
    }

    /** The pid of the one that was started last. */
    int master() {
        return FIRST + masters.get() - 1;
    }

    @Override
    public CompletionStage<Integer> startPrototype(AppSpec app, List<Descriptor> descriptors) {
        Fd listening = Descriptors.duplicate(descriptors.getFirst().number(), 3);
        orders.add("start " + descriptors.getFirst().name());
        Thread.ofPlatform().daemon().start(() -> accept(listening));
        return CompletableFuture.completedFuture(FIRST + masters.getAndIncrement());
    }

    private void accept(Fd listening) {
        try (listening) {
            while (true) {
                Fd fd = Sockets.accept(listening, false).orElseThrow();
                accepted.incrementAndGet();
                Thread.ofPlatform().daemon().start(() -> new Talk(fd).serve());
            }
        } catch (PosixException e) {
            // Nobody can connect any more.
            orders.add("closed");
        }
    }

    @Override
    public void stop(int process) {
        orders.add("stop " + process);
    }

    @Override
    public void killWorker(Optional<Integer> prototype, int process) {
        orders.add("kill " + process);
    }

    @Override
    public int nextStream() {
        return streams.incrementAndGet();
    }

    @Override
    public void startWorker(int prototype, int stream, byte[] payload) {
        throw new UnsupportedOperationException("workers are not started");
    }

    @Override
    public void quitWorker(int prototype, int worker) {
        throw new UnsupportedOperationException("workers are not stopped");
    }

    @Override
    public void killStart(int prototype, int stream) {
        throw new UnsupportedOperationException("workers are not started");
    }

    @Override
    public void quitPrototype(int prototype) {
        throw new UnsupportedOperationException("there is none");
    }
}
