// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Answers that are larger than anything that could hold them: they pass, and end when nobody wants them any more. */
@Timeout(300)
class LanguageAnswersIT {
    /** More than a number of 31 bits. */
    private static final long LARGE = 2_200_000_000L;
    /** What nobody reads to its end; where numbers have 31 bits, as many as these hold. */
    private static final long ENDLESS = 10_000_000_000L;
    private static final long READ = 50_000_000;
    private static final long MOST_GROWTH = 64_000_000;
    /** What the library of Unit shares with the server is part of a process. */
    private static final int SHARED = 20_971_520;
    private static final int PATTERN = 251;

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.start();
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static long configure(Tongue tongue) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": "
            + (tongue == Tongue.EXTERNAL
                ? tongue.app(server, "app", "\"processes\": 1", "\"limits\": {\"shm\": " + SHARED + "}")
                : tongue.app(server, "app", "\"processes\": 1")) + "}}");
        return Long.parseLong(Http.get(port, "/pid").text());
    }

    private static Stream<Tongue> wires() {
        return Tongue.eachWire().stream();
    }

    @ParameterizedTest
    @MethodSource("wires")
    void passWithoutBeingHeld(Tongue tongue) throws IOException {
        long worker = configure(tongue);
        assertEquals(LARGE, read(LARGE, LARGE, server.await("unit: router"), worker));
        assertEquals("Hello world\n", Http.get(port, "/hello").text());
    }

    @ParameterizedTest
    @MethodSource("io.margay.itest.Tongue#all")
    void endWithTheirClient(Tongue tongue) throws IOException {
        long worker = configure(tongue);
        long size = switch (tongue) {
            case JAVA, WASM, COMPONENT -> Integer.MAX_VALUE;
            default -> ENDLESS;
        };
        assertTrue(read(size, READ) >= READ);
        Await.until("its request is over", tongue.patience(),
            () -> server.control().get("/status/applications/it/requests/active").text().strip().equals("0"));
        Await.until("the next is served", tongue.patience(), () -> Http.get(port, "/hello").status() == 200);
        if (tongue != Tongue.PHP_WORKER && tongue != Tongue.PHP) {
            // There a client that leaves ends the handler and its process; php-fpm has another one take over.
            assertEquals(worker, Long.parseLong(Http.get(port, "/pid").text()));
        }
    }

    /** Reads as many bytes of an answer, and leaves; {@return how many they were}. */
    private static long read(long size, long wanted, long... watched) throws IOException {
        long[] before = new long[watched.length];
        for (int i = 0; i < watched.length; i++) {
            before[i] = resident(watched[i]);
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port);
            InputStream in = new BufferedInputStream(socket.getInputStream(), 1 << 20)) {
            socket.getOutputStream().write(("GET /bytes?" + size + " HTTP/1.1\r\nHost: localhost\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
            assertEquals("HTTP/1.1 200 OK", line(in));
            for (String field = line(in); !field.isEmpty(); field = line(in)) {
                assertTrue(!field.startsWith("Content-Length"), field);
            }
            long at = 0;
            long look = READ;
            for (long chunk = chunk(in); chunk > 0 && at < wanted; chunk = chunk(in)) {
                assertEquals(at % PATTERN, in.read(), "the byte at " + at);
                in.skipNBytes(chunk - 1);
                line(in);
                at += chunk;
                if (at >= look) {
                    look += READ;
                    for (int i = 0; i < watched.length; i++) {
                        long now = resident(watched[i]);
                        assertTrue(now < before[i] + MOST_GROWTH, watched[i] + " has grown to " + now);
                    }
                }
            }
            return at;
        }
    }

    private static long chunk(InputStream in) throws IOException {
        return Long.parseLong(line(in), 16);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = in.read(); b != '\n'; b = in.read()) {
            if (b < 0) {
                throw new IOException("the answer ends after " + line);
            }
            line.append((char) b);
        }
        return line.toString().stripTrailing();
    }

    private static long resident(long pid) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + pid + "/status")).stream()
            .filter(line -> line.startsWith("VmRSS:")).mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
            .sum() * 1024;
    }
}
