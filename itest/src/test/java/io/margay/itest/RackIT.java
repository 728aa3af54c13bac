// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Hooks, hijacking and kinds of bodies of Rack; what is the same for all languages is in {@link Languages}. */
@Timeout(120)
class RackIT {
    private static TestServer server;
    private static Path directory;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("ruby");
        port = Distribution.freePorts(1).getFirst();
        directory = server.app("rack");
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/rack\"}}, \"applications\": {\"rack\": " + app("hooks") + "}}");
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String app(String hooks) {
        return "{\"type\": \"ruby\", \"script\": \"" + directory.resolve("app.ru") + "\", \"threads\": 3, \"hooks\": \""
            + directory.resolve(hooks + ".rb") + "\"}";
    }

    @ParameterizedTest
    @CsvSource({"stored,'stored in a file\n',0", "written,written twice,0", "several,several,2", "lines,lines,2"})
    void bodiesAndFields(String target, String text, int fields) throws IOException {
        Response response = Http.get(port, "/" + target);
        assertEquals("200 " + text, response.status() + " " + response.text());
        assertEquals(fields, response.headers().stream().filter(line -> line.toLowerCase()
            .matches("x-several: [ab]")).count(), response.headers().toString());
    }

    @Test
    void aHijackIsRefused() throws IOException {
        assertEquals("false true", Http.get(port, "/offered").text());
        int before = server.log().length();
        assertEquals(503, Http.get(port, "/hijack").status());
        server.awaitLog(before, "\\[error\\].*The response wants to hijack the connection, which this server does not "
            + "offer");
        assertEquals(200, Http.get(port, "/offered").status());
    }

    @Test
    void hooksAreCalled() throws IOException {
        String all = "thread thread thread worker true";
        Await.until("all threads have begun", () -> Http.get(port, "/").text().equals(all));
        int before = server.log().length();
        assertEquals(200, server.control().get("/control/applications/rack/restart").status());
        server.awaitLog(before, "(?s)(.*a thread ends\n){3}.*the worker ends\n");
    }

    @Test
    void aHookThatFailsRefusesTheApplication() throws IOException {
        server.expect("failed to start|failed to apply|Ruby: |exited while");
        int before = server.log().length();
        Response response = server.control().put("/config/applications/other", app("fails"));
        assertEquals(500, response.status(), response.text());
        server.awaitLog(before, "Failed to call on_worker_boot\\(\\)");
        assertTrue(server.log().substring(before).contains("no such luck"));
    }
}
