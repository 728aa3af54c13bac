// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.SocketAddress;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** What is asked of the server of a {@link Training}: configurations, and requests of each kind. */
final class TrainingRequests {
    /** The control socket in the directory of the training. */
    static final String CONTROL = "control.sock";
    /** That of the web console. */
    static final String CONSOLE = "console.sock";

    private static final long LOOK_MILLIS = 20;
    private static final int LARGE = 200_000;
    private static final String APPLICATION = """
        def application(environ, start_response):
            body = environ['wsgi.input'].read()
            start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', str(len(body) + 2))])
            return [b'ok', body]
        """;
    /** What somebody sees who comes first. */
    private static final List<String> PAGES = List.of("overview", "overview.json", "applications",
        "applications.json", "bundles");
    private static final String CONFIGURATION = """
        {"listeners": {"unix:%1$s/listen.sock": {"pass": "routes"}},
         "routes": [
            {"match": {"uri": "/moved", "headers": {"X-A": "!b"}}, "action": {"return": 301, "location": "/$host"}},
            {"match": {"uri": "/empty"}, "action": {"return": 200}},
            {"action": {"share": "%1$s$uri", "response_headers": {"X-B": "c"}, "fallback": {"return": 404}}}]}
        """;

    private final Path directory;
    private final Process server;
    private final SocketAddress control;

    /** For the server whose files are in the directory; when it ends, nothing is awaited any more. */
    TrainingRequests(Path directory, Process server) {
        this.directory = directory;
        this.server = server;
        control = UnixDomainSocketAddress.of(directory.resolve(CONTROL));
    }

    /** Sends everything. */
    void run() throws IOException {
        Files.writeString(directory.resolve("small.txt"), "x".repeat(1000));
        Files.writeString(directory.resolve("large.bin"), "x".repeat(LARGE));
        Files.writeString(directory.resolve("training.py"), APPLICATION);
        awaitServer();
        put("/config", "{\"routes\": [}");
        insist(put("/config", String.format(CONFIGURATION, directory)));
        serve(UnixDomainSocketAddress.of(directory.resolve("listen.sock")));
        // Where there is Python.
        String python = "{\"type\": \"python\", \"path\": \"" + directory + "\", \"module\": \"training\"}";
        boolean application = put("/config/applications", "{\"training\": " + python + "}").contains(" 200 ");
        // Where there are such addresses.
        int port = freePort();
        if (put("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"routes\"}").contains(" 200 ")) {
            serve(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            if (application) {
                insist(put("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/training\"}"));
                serve(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            }
        }
        for (String path : List.of("/", "/status", "/config/routes", "/nothing")) {
            ask(control, "GET", path, "", true);
        }
        insist(ask(control, "DELETE", "/config/listeners", "", true));
    }

    private void serve(SocketAddress address) throws IOException {
        for (int round = 0; round < 3; round++) {
            ask(address, "GET", "/empty", "", false);
            ask(address, "GET", "/moved?a=b", "", true);
            ask(address, "HEAD", "/small.txt", "", true);
            ask(address, "GET", "/small.txt", "", false);
            ask(address, "GET", "/large.bin", "", true);
            ask(address, "GET", "/not/there", "", true);
            ask(address, "POST", "/empty", "a=b", true);
            ask(address, "POST", "/empty", "x".repeat(LARGE), true);
        }
    }

    /** Looks at pages of the console. */
    void console() throws IOException {
        awaitServer();
        Path socket = directory.resolve(CONSOLE);
        await(List.of(socket));
        for (String page : PAGES) {
            insist(ask(UnixDomainSocketAddress.of(socket), "GET", "/system/console/" + page, "", true));
        }
    }

    /** Waits until the processes have written some files, which come whole. */
    void await(List<Path> files) throws IOException {
        for (Path file : files) {
            while (!Files.exists(file)) {
                lookLater(null);
            }
        }
    }

    private void lookLater(IOException failure) throws IOException {
        if (!server.isAlive()) {
            throw new IOException("the server ended", failure);
        }
        LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(LOOK_MILLIS));
    }

    /** The start is over when the control socket answers. */
    private void awaitServer() throws IOException {
        while (true) {
            try {
                insist(ask(control, "GET", "/config", "", true));
                return;
            } catch (IOException e) {
                lookLater(e);
            }
        }
    }

    private String put(String path, String body) throws IOException {
        return ask(control, "PUT", path, body, true);
    }

    private static void insist(String answer) throws IOException {
        if (!answer.startsWith("HTTP/1.1 200 ")) {
            throw new IOException("not the answer that was expected: " + answer);
        }
    }

    /** Sends a request, perhaps twice in one connection, and gives the answers. */
    private static String ask(SocketAddress address, String method, String path, String body, boolean once)
            throws IOException {
        try (SocketChannel channel = SocketChannel.open(address)) {
            String head = method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n";
            String last = "Connection: close\r\nContent-Length: " + body.length() + "\r\n\r\n" + body;
            send(channel, once ? head + last : head + "\r\n" + head + last);
            ByteArrayOutputStream answer = new ByteArrayOutputStream();
            ByteBuffer buffer = ByteBuffer.allocate(LARGE);
            while (channel.read(buffer.clear()) >= 0) {
                answer.write(buffer.array(), 0, buffer.position());
            }
            return answer.toString(StandardCharsets.ISO_8859_1);
        }
    }

    private static void send(SocketChannel channel, String text) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.ISO_8859_1));
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }
}
