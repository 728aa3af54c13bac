// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The conformance suite h2spec against a file, over TLS and by prior knowledge. */
@Timeout(300)
class H2SpecIT {
    private static final String PROGRAM = "/h2spec/2.2.0/h2spec_linux_amd64.tar.gz";
    private static final Pattern SUMMARY =
        Pattern.compile("(\\d+) tests, (\\d+) passed, (\\d+) skipped, (\\d+) failed");

    @TempDir
    private static Path directory;
    private static TestServer server;
    private static int plain;
    private static int tls;

    @BeforeAll
    static void start() throws Exception {
        try (InputStream in = H2SpecIT.class.getResourceAsStream(PROGRAM)) {
            assertNotNull(in, "the Maven plugin that carries the program is not among the test dependencies");
            Files.copy(in, directory.resolve("h2spec.tar.gz"));
        }
        Distribution.Result unpacked = Distribution.run(directory, Map.of(), "tar", "xzf", "h2spec.tar.gz");
        assertEquals(0, unpacked.code(), unpacked.err());
        OpenSsl ssl = new OpenSsl(directory);
        ssl.selfSigned("spec", "rsa:2048");
        server = TestServer.speaking();
        List<Integer> ports = Distribution.freePorts(2);
        plain = ports.getFirst();
        tls = ports.getLast();
        Path files = Files.createDirectory(server.base().resolve("files"));
        Files.writeString(files.resolve("page.txt"), "something to read\n");
        server.control().apply("/certificates/spec", ssl.join("spec.crt", "spec.key"));
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "routes", "h2c": true},
              "127.0.0.1:%d": {"pass": "routes", "tls": {"certificate": "spec"}}},
             "routes": [{"action": {"share": "%s$uri"}}]}""".formatted(plain, tls, files));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest(name = "TLS {0}, strict {1}")
    @CsvSource({"false, false, 145", "false, true, 146", "true, false, 145", "true, true, 146"})
    void eachCasePasses(boolean secure, boolean strict, int cases) throws Exception {
        List<String> command = new ArrayList<>(List.of(directory.resolve("h2spec").toString(), "-h", "127.0.0.1", "-p",
            String.valueOf(secure ? tls : plain), "-P", "/page.txt", "-o", "10"));
        if (secure) {
            command.addAll(List.of("-t", "-k"));
        }
        if (strict) {
            command.add("-S");
        }
        Distribution.Result run = Distribution.run(directory, Map.of(), command.toArray(String[]::new));
        int failures = run.out().indexOf("Failures:");
        assertEquals("", failures < 0 ? "" : run.out().substring(failures));
        Matcher summary = SUMMARY.matcher(run.out());
        assertTrue(summary.find(), run.out() + run.err());
        assertEquals(cases + " tests, " + cases + " passed, 0 skipped, 0 failed", summary.group());
    }
}
