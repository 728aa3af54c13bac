// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;

/** A control server that keeps what it is asked and answers what a test wants. */
final class FakeServer implements AutoCloseable {
    /** A request as it arrived. */
    record Seen(String line, List<String> headers, String body) {
        /** {@return method and target} */
        String what() {
            return line.substring(0, line.lastIndexOf(' '));
        }

        Optional<String> header(String name) {
            return headers.stream().filter(header -> header.startsWith(name + ": "))
                .map(header -> header.substring(name.length() + 2)).findFirst();
        }
    }

    private final ServerSocketChannel server;
    private final Function<Seen, String> answers;
    private final List<Seen> seen = new CopyOnWriteArrayList<>();

    /**
     * Listens.
     *
     * @param answers the whole text of the answer to each request
     */
    FakeServer(SocketAddress address, Function<Seen, String> answers) throws IOException {
        this.answers = answers;
        server = address instanceof UnixDomainSocketAddress ? ServerSocketChannel.open(StandardProtocolFamily.UNIX)
            : ServerSocketChannel.open();
        server.bind(address);
        Thread.startVirtualThread(this::serve);
    }

    static FakeServer at(Path socket, Function<Seen, String> answers) throws IOException {
        return new FakeServer(UnixDomainSocketAddress.of(socket), answers);
    }

    /** {@return a server with an answer for each method and target; 404 for all others} */
    static FakeServer of(Path socket, Map<String, String> answers) throws IOException {
        return at(socket, seen -> answers.getOrDefault(seen.what(),
            answer(404, "{\"error\": \"Value doesn't exist.\"}")));
    }

    /** {@return the text of an answer, with more header lines when given} */
    static String answer(int status, String body, String... headers) {
        StringBuilder text = new StringBuilder("HTTP/1.1 " + status + " X\r\nServer: Fake\r\n");
        for (String header : headers) {
            text.append(header).append("\r\n");
        }
        int length = body.getBytes(StandardCharsets.UTF_8).length;
        return text + "Content-Length: " + length + "\r\nConnection: close\r\n\r\n" + body;
    }

    static String ok(String body) {
        return answer(200, body);
    }

    List<Seen> seen() {
        return seen;
    }

    /** {@return method and target of each request} */
    List<String> whats() {
        return seen.stream().map(Seen::what).toList();
    }

    SocketAddress address() throws IOException {
        return server.getLocalAddress();
    }

    private void serve() {
        while (true) {
            try (SocketChannel channel = server.accept()) {
                Seen request = read(channel);
                seen.add(request);
                ByteBuffer answer = ByteBuffer.wrap(answers.apply(request).getBytes(StandardCharsets.UTF_8));
                while (answer.hasRemaining()) {
                    channel.write(answer);
                }
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static Seen read(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        ByteBuffer part = ByteBuffer.allocate(4096);
        while (true) {
            String text = all.toString(StandardCharsets.ISO_8859_1);
            int end = text.indexOf("\r\n\r\n");
            if (end >= 0) {
                List<String> lines = text.substring(0, end).lines().toList();
                int length = lines.stream().filter(line -> line.startsWith("Content-Length: "))
                    .mapToInt(line -> Integer.parseInt(line.substring(16))).findFirst().orElse(0);
                if (text.length() >= end + 4 + length) {
                    String body = new String(all.toByteArray(), end + 4, length, StandardCharsets.UTF_8);
                    return new Seen(lines.getFirst(), lines.subList(1, lines.size()), body);
                }
            }
            if (channel.read(part) < 0) {
                throw new IOException("cut short: " + text);
            }
            all.write(part.array(), 0, part.position());
            part.clear();
        }
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
