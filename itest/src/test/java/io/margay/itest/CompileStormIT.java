// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Under load the router's optimizing compiler comes to rest. Where the code of one class loader handles values whose
 * class that loader never resolved, it compiles methods for traps that are hit at once, throws them away and begins
 * again: a processor for nothing.
 */
class CompileStormIT {
    /** How often a method may be compiled: as its profile grows, and again when a rare case came. */
    private static final int MOST = 10;
    private static final Duration LOAD = Duration.ofSeconds(Integer.getInteger("margay.storm.seconds", 30));
    /** A line of the compiler's log: number, flags, tier, method, size; what is said of old code has more. */
    private static final Pattern COMPILED = Pattern.compile(
        "\\]\\s+\\d+ [ %sbn!]*4\\s+(\\S+::\\S+(?: @ \\d+)?) \\(\\d+ bytes\\)\\s*$");

    private static final String TEXT = "x".repeat(1024);

    private int port;
    private int tls;

    @Test
    void noMethodIsCompiledAgainAndAgain() throws Exception {
        Path base = TestServer.directory();
        Path log = base.resolve("tmp/compiled");
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.getFirst();
        tls = ports.getLast();
        Files.writeString(Files.createDirectory(base.resolve("www")).resolve("file.txt"), TEXT);
        OpenSsl ssl = new OpenSsl(Files.createDirectory(base.resolve("pem")));
        ssl.selfSigned("storm", "ec", "-pkeyopt", "ec_paramgen_curve:P-256");
        try (TestServer server = TestServer.speaking(base,
                Map.of("MARGAY_JAVA_OPTS_ROUTER", "-Xlog:jit+compilation=debug:file=" + log + "::filecount=0"),
                List.of(), "python");
                HttpClient http2 = Http2IT.client()) {
            server.control().apply("/certificates/storm", ssl.join("storm.crt", "storm.key"));
            server.control().apply("/config", configuration(base, server.python("probe", "wsgi")));
            try (Callers callers = callers(http2)) {
                long end = System.nanoTime() + LOAD.toNanos();
                while (System.nanoTime() < end) {
                    callers.awaitMore(10);
                }
                Map<String, String> failed = callers.stop();
                System.out.print(callers.transcript());
                assertEquals(Map.of(), failed);
            }
            assertEquals(Map.of(), often(log));
        }
    }

    private String configuration(Path base, String application) {
        String proxied = "{\"match\": {\"uri\": \"%s\"}, \"action\": {\"rewrite\": \"/file.txt\", "
            + "\"proxy\": \"http://127.0.0.1:" + port + "\"%s}}";
        return """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes", "h2c": true},
                "127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "storm"}}},
             "routes": [{"match": {"uri": "/return"}, "action": {"return": 200}},
                {"match": {"uri": "/file.txt"}, "action": {"share": "%s$uri"}},
                %s, %s, {"action": {"pass": "applications/hello"}}],
             "applications": {"hello": %s}}""".formatted(port, tls, base.resolve("www"),
            proxied.formatted("/proxied", ""), proxied.formatted("/multiplexed", ", \"http2\": true"), application);
    }

    /** Each way in and each way to an answer at the same time: what they share is given the values of all. */
    private Callers callers(HttpClient http2) {
        return new Callers()
            .with("return", 1, answers -> kept("/return", answers))
            .with("file", 1, answers -> kept("/file.txt", answers))
            .with("wsgi", 1, answers -> kept("/environ", answers))
            .with("proxied", 1, answers -> kept("/proxied", answers))
            .with("multiplexed", 1, answers -> kept("/multiplexed", answers))
            .with("new", 1, answers -> judged(Http.get(port, "/return").status(), answers))
            .with("tls", 1, answers -> secure(answers::more, answers))
            .with("new tls", 1, answers -> secure(() -> false, answers))
            .with("http2", 2, answers -> judged(Http2IT.ask(http2, tls, "/file.txt", "").statusCode(), answers))
            .with("http2 proxy", 2, answers -> judged(Http2IT.ask(http2, tls, "/proxied", "").statusCode(), answers));
    }

    private String kept(String path, Callers.Answers answers) throws IOException {
        String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        try (Http http = Http.tcp(port)) {
            String wrong = "";
            while (wrong.isEmpty() && answers.more()) {
                wrong = judged(http.exchange(request).status(), answers);
            }
            return wrong;
        }
    }

    /** Asks for what has no body. */
    private String secure(BooleanSupplier again, Callers.Answers answers) throws IOException {
        try (TlsClient client = TlsClient.connect(tls)) {
            String wrong;
            do {
                wrong = judged(client.get("/return"), answers);
            } while (wrong.isEmpty() && again.getAsBoolean());
            return wrong;
        }
    }

    private static String judged(int status, Callers.Answers answers) {
        if (status == 200) {
            answers.good();
        }
        return status == 200 ? "" : "status " + status;
    }

    private static Map<String, Integer> often(Path log) throws IOException {
        Map<String, Integer> counts = new TreeMap<>();
        try (Stream<String> lines = Files.lines(log)) {
            lines.map(COMPILED::matcher).filter(Matcher::find)
                .forEach(line -> counts.merge(line.group(1), 1, Integer::sum));
        }
        assertFalse(counts.isEmpty(), "the log names what was compiled");
        counts.values().removeIf(count -> count <= MOST);
        return counts;
    }
}
