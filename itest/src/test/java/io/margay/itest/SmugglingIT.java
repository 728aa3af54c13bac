// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Requests that servers have been seen to read in different ways, through the proxy and to an application: what a
 * server behind is sent can be read in one way only, and nobody finds the request that is hidden in another one.
 */
@Timeout(180)
class SmugglingIT {
    private static final String CASES =
        "../../../../bundles/io.margay.protocol.http1/src/test/resources/io/margay/protocol/http1/smuggling.txt";
    private static final String HOST = "Host: a\\r\\n";
    private static final String SMUGGLED = "GET /smuggled HTTP/1.1\r\nHost: a\r\n\r\n";
    private static final String NEXT = "GET /next HTTP/1.1\r\nHost: a\r\n\r\n";
    /** Digits of the interim answers are no status of a request. */
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 ([2-5]\\d\\d) ");
    private static final Pattern LINE = Pattern.compile("[A-Z]+ [!-~\\x80-\\xff]+ HTTP/1\\.1");
    private static final Pattern FIELD = Pattern.compile("[A-Za-z0-9-]+: [\\t -~\\x80-\\xff\\x7f]*");

    private static TestServer server;
    private static Origin origin;
    private static List<Integer> ports;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        origin = Origin.tcp(call -> call.answer(call.target() + " " + call.body().length));
        ports = Distribution.freePorts(2);
        configure(false);
    }

    private static void configure(boolean chunked) throws IOException {
        server.control().apply("/config", """
            {"settings": {"http": {"chunked_transform": %b}},
             "listeners": {"127.0.0.1:%d": {"pass": "routes"}, "127.0.0.1:%d": {"pass": "applications/app"}},
             "routes": [{"action": {"proxy": "http://127.0.0.1:%d"}}],
             "applications": {"app": %s}}""".formatted(chunked, ports.get(0), ports.get(1), origin.port(),
            server.python("smuggling", "wsgi", "\"stdout\": \"" + server.base() + "/tmp/out\"")));
    }

    @AfterAll
    static void stop() throws IOException {
        origin.close();
        server.close();
    }

    static Stream<String[]> cases() throws IOException {
        return Files.readAllLines(Path.of(System.getProperty("margay.apps")).resolve(CASES)).stream()
            .filter(line -> !line.isBlank() && !line.startsWith("#")).map(line -> line.split(" \\| ", 3));
    }

    @ParameterizedTest
    @MethodSource("whole")
    void withoutChunks(String statuses, String request) throws IOException {
        check(statuses, request);
    }

    static Stream<String[]> whole() throws IOException {
        configure(false);
        return cases().map(line -> new String[] {line[0], line[2]});
    }

    @ParameterizedTest
    @MethodSource("chunked")
    void withChunks(String statuses, String request) throws IOException {
        check(statuses, request);
    }

    static Stream<String[]> chunked() throws IOException {
        configure(true);
        return cases().filter(line -> !line[0].equals(line[1])).map(line -> new String[] {line[1], line[2]});
    }

    private static void check(String statuses, String bytes) throws IOException {
        String request = bytes.replace("{H}", HOST).translateEscapes().replace("{S}", SMUGGLED).replace("{N}", NEXT);
        int before = origin.heads().size();
        for (int port : ports) {
            try (Http http = Http.tcp(port)) {
                http.send(request);
                http.end();
                String answers = new String(http.rest(), StandardCharsets.ISO_8859_1);
                assertEquals(statuses, STATUS.matcher(answers).results().map(MatchResult::group)
                    .map(line -> line.substring(9, 12)).collect(Collectors.joining(" ")), answers);
            }
        }
        for (String head : origin.heads().subList(before, origin.heads().size())) {
            isPlain(head);
        }
        assertTrue(!Files.readString(server.base().resolve("tmp/out")).contains("/smuggled"), "not the application");
    }

    private static void isPlain(String head) {
        List<String> lines = List.of(head.split("\r\n", -1));
        assertTrue(LINE.matcher(lines.getFirst()).matches() && !lines.getFirst().contains("smuggled"), head);
        for (String line : lines.subList(1, lines.size() - 2)) {
            assertTrue(FIELD.matcher(line).matches() && isOwn(line), head);
        }
        assertEquals(1, count(lines, "host"), head);
        assertTrue(count(lines, "content-length") + count(lines, "transfer-encoding") < 2, head);
        assertEquals(count(lines, "transfer-encoding"), count(lines, "transfer-encoding: chunked"), head);
        for (String name : List.of("expect", "upgrade", "trailer")) {
            assertEquals(0, count(lines, name), head);
        }
    }

    /** {@return whether a field of the connection is the proxy's own, which takes trailers for who takes them} */
    private static boolean isOwn(String line) {
        return !line.regionMatches(true, 0, "connection:", 0, 11) || line.equals("Connection: TE");
    }

    private static long count(List<String> lines, String name) {
        String begin = name.contains(":") ? name : name + ":";
        return lines.stream().filter(line -> line.regionMatches(true, 0, begin, 0, begin.length())).count();
    }
}
