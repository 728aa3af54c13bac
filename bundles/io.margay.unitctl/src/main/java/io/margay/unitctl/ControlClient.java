// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.locks.LockSupport;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/** Speaks the HTTP of the control socket ({@code spec/control-api.md §2}): one request per connection. Blocking. */
final class ControlClient {
    /** More than any configuration, less than the heap. */
    static final int MAX_REPLY = 64 << 20;

    private static final int MAX_LINE = 1 << 20;
    private static final Duration CONNECT = Duration.ofSeconds(10);
    private static final long RETRY_NANOS = 20_000_000;

    private final ControlAddress address;
    private final Wait wait;
    private final Duration patience;

    /**
     * How long to try again while nobody listens.
     *
     * @param seconds of one try, not negative
     * @param tries at least one
     * @param onTry told at the second and each later try, with its number
     */
    record Wait(int seconds, int tries, IntConsumer onTry) {
        /** No waiting at all. */
        static final Wait NONE = new Wait(0, 1, number -> { });
    }

    /**
     * A client; nothing is opened yet.
     *
     * @param patience how long an answer may take, from the connection on
     */
    ControlClient(ControlAddress address, Wait wait, Duration patience) {
        this.address = address;
        this.wait = wait;
        this.patience = patience;
    }

    /** {@return the address as messages name it} */
    String name() {
        return address.text();
    }

    /** {@return the same without waiting for a server and with another patience} */
    ControlClient impatient(Duration shorter) {
        return new ControlClient(address, Wait.NONE, shorter);
    }

    /**
     * Sends a request and reads the whole reply, whatever its status. What is secret goes to a unix socket only if
     * {@link Peer} trusts who listens there; a TCP port does not tell.
     *
     * @throws ToolException when there is no server, none to be trusted or no proper reply; the message names the
     * address
     */
    ServerReply send(ToolRequest request) throws ToolException {
        byte[] head = request.head();
        try (ToolConnection connection = connect(request.secret())) {
            if (request.secret()) {
                check(connection.peer());
            }
            IOException cut = null;
            try {
                connection.write(head);
                connection.write(request.body());
            } catch (SocketTimeoutException e) {
                throw e;
            } catch (IOException e) {
                // A server may refuse a request before it has read all of it.
                cut = e;
            }
            byte[] answer = read(connection, cut);
            return ServerReply.parse(answer);
        } catch (SocketTimeoutException e) {
            throw ToolException.unreachable(name() + ": no complete answer within " + patience.toSeconds()
                + " s; the server may still carry out the request (--timeout)", e);
        } catch (IOException e) {
            throw ToolException.unreachable(name() + ": " + reason(e), e);
        }
    }

    /**
     * Sends a request that must succeed.
     *
     * @throws ToolException when it does not; {@link RefusedException} with what the server said
     */
    ServerReply ask(ToolRequest request) throws ToolException {
        ServerReply reply = send(request);
        if (!reply.ok()) {
            throw new RefusedException(name(), request, reply);
        }
        return reply;
    }

    /**
     * Sends a request without a body, and hands over the lines of its reply as they come, until it ends.
     *
     * @param line takes one without its end; false to leave
     * @throws ToolException when the server refuses it, or the connection breaks
     */
    void follow(ToolRequest request, Predicate<String> line) throws ToolException {
        try (ToolConnection connection = connect(false)) {
            connection.write(request.head());
            ByteArrayOutputStream text = new ByteArrayOutputStream();
            byte[] part = new byte[16 << 10];
            boolean body = false;
            for (int count = connection.read(part); count >= 0; count = connection.read(part)) {
                for (int i = 0; i < count; i++) {
                    if (part[i] != '\n') {
                        text.write(part[i]);
                        if (text.size() > MAX_LINE) {
                            throw new IOException("a line is longer than " + MAX_LINE + " bytes");
                        }
                    } else if (body) {
                        if (!line.test(text.toString(StandardCharsets.UTF_8))) {
                            return;
                        }
                        text.reset();
                    } else {
                        text.write('\n');
                        body = text.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n");
                        if (body) {
                            accepted(request, text.toByteArray(), connection, part, i + 1, count);
                            text.reset();
                        }
                    }
                }
            }
            if (!body) {
                throw new IOException("closed without an answer");
            }
        } catch (IOException e) {
            throw ToolException.unreachable(name() + ": " + reason(e), e);
        }
    }

    /**
     * Sends a request without a body, and writes the body of its reply as it comes, until it ends.
     *
     * @throws ToolException when the server refuses it, or the connection breaks
     * @throws IOException when it cannot be written
     */
    void download(ToolRequest request, OutputStream out) throws ToolException, IOException {
        try (ToolConnection connection = connect(false)) {
            byte[] part = new byte[16 << 10];
            ByteArrayOutputStream head = new ByteArrayOutputStream();
            boolean body = false;
            connected(() -> {
                connection.write(request.head());
                return 0;
            });
            for (int count = some(connection, part); count >= 0; count = some(connection, part)) {
                int from = 0;
                while (!body && from < count) {
                    head.write(part[from++]);
                    body = head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n");
                    if (head.size() > MAX_LINE) {
                        throw ToolException.unreachable(name() + ": the head of the answer is too long");
                    }
                    if (body) {
                        accepted(request, head.toByteArray(), connection, part, from, count);
                    }
                }
                out.write(part, from, count - from);
            }
            if (!body) {
                throw ToolException.unreachable(name() + ": closed without an answer");
            }
        }
    }

    private int some(ToolConnection connection, byte[] part) throws ToolException {
        return connected(() -> connection.read(part));
    }

    /** Tells trouble of the connection from that of files. */
    private <T> T connected(Step<T> step) throws ToolException {
        try {
            return step.done();
        } catch (IOException e) {
            throw ToolException.unreachable(name() + ": " + reason(e), e);
        }
    }

    /** Something with a connection. */
    private interface Step<T> {
        T done() throws IOException, ToolException;
    }

    /** What is no success is read to its end. */
    private void accepted(ToolRequest request, byte[] head, ToolConnection connection, byte[] part, int from, int to)
        throws ToolException, IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        all.writeBytes(head);
        if (new String(head, StandardCharsets.ISO_8859_1).startsWith("HTTP/1.1 2")) {
            return;
        }
        all.write(part, from, to - from);
        all.writeBytes(read(connection, null));
        throw new RefusedException(name(), request, ServerReply.parse(all.toByteArray()));
    }

    private void check(OptionalInt peer) throws ToolException {
        if (peer.isPresent() && peer.getAsInt() != 0) {
            try {
                ToolAccounts accounts = new ToolAccounts();
                new ServerPeer(accounts, accounts.self()).check(address, peer.getAsInt());
            } catch (IOException e) {
                throw ToolException.unreachable(address.text() + ": " + e.getMessage());
            }
        }
    }

    private ToolConnection connect(boolean named) throws ToolException {
        IOException last = null;
        for (int number = 1; number <= wait.tries(); number++) {
            if (number > 1) {
                wait.onTry().accept(number);
            }
            long end = System.nanoTime() + wait.seconds() * 1_000_000_000L;
            do {
                try {
                    long now = System.nanoTime();
                    return ToolConnection.open(address, named, now + CONNECT.toNanos(), now + patience.toNanos());
                } catch (IOException e) {
                    last = e;
                }
                // Nothing tells when a server begins to listen.
                LockSupport.parkNanos(Math.clamp(end - System.nanoTime(), 1, RETRY_NANOS));
            } while (System.nanoTime() - end < 0);
        }
        throw ToolException.unreachable("cannot connect to " + name() + ": " + reason(last), last);
    }

    private static String reason(IOException e) {
        return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
    }

    private static byte[] read(ToolConnection connection, IOException cut) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        byte[] part = new byte[16 << 10];
        try {
            for (int count = connection.read(part); count >= 0; count = connection.read(part)) {
                if (all.size() + count > MAX_REPLY) {
                    throw new IOException("the answer is longer than " + (MAX_REPLY >> 20) + " MB");
                }
                all.write(part, 0, count);
            }
        } catch (IOException e) {
            throw cut == null || e instanceof SocketTimeoutException ? e : cut;
        }
        if (all.size() == 0 && cut != null) {
            throw cut;
        }
        return all.toByteArray();
    }
}
