// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The files {@code stdout} and {@code stderr} of an application, of a server in the foreground. */
@Timeout(60)
class StreamsIT {

    private static TestServer server;
    private static Path out;
    private static Path err;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("python");
        // The workers' account makes the files anew.
        Path folder = server.base().resolve("tmp");
        out = folder.resolve("out.txt");
        err = folder.resolve("err.txt");
        port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/talks"}}, "applications": {"talks": %s}}"""
            .formatted(port, server.python("streams", "talks", "\"stdout\": \"" + out + "\"",
                "\"stderr\": \"" + err + "\"")));
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @Test
    void theyAreObeyedAndOpenedAnewWithTheLog() throws Exception {
        assertEquals(200, Http.get(port, "/?first").status());
        Await.until("the application has written", () -> read(out).equals("out first\n")
            && read(err).equals("err first\n"));
        assertFalse(server.log().contains("first"), server.log());
        Files.move(out, out.resolveSibling("out.1"));
        Files.move(err, err.resolveSibling("err.1"));
        TestServer.signal(server.pid(), "USR1");
        Await.until("a request that is written to the new files", () -> {
            assertEquals(200, Http.get(port, "/?second").status());
            return read(out).endsWith("out second\n") && read(err).endsWith("err second\n");
        });
        assertEquals(false, read(out).contains("first"));
    }

    private static String read(Path file) throws IOException {
        return Files.exists(file) ? Files.readString(file) : "";
    }
}
