// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** All cases of {@code Plack::Test::Suite}, under {@code Plack::Middleware::Lint}. */
@Timeout(120)
class PlackSuiteIT {
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("perl");
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"processes\": 2", "\"threads\": 3"})
    void passes(String members) throws Exception {
        Path directory = server.app("plack");
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/suite"}},
             "applications": {"suite": {"type": "perl", "script": "%s/suite.psgi", %s}}}""".formatted(port, directory,
                 members));
        Distribution.Result result = Distribution.run(directory, Map.of(), "perl", "client.pl",
            Integer.toString(port));
        assertEquals(0, result.code(), result.out() + result.err());
        assertTrue(result.out().contains("\n1..36\n") && !result.out().contains("not ok"), result.out());
    }
}
