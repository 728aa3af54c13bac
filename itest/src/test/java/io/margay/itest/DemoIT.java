// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The example application of each language, as {@code ./margay demo} runs it. */
@Timeout(180)
class DemoIT {
    /** What a shell says of a command that SIGTERM has ended. */
    private static final int ENDED = 128 + 15;
    private static final Duration PATIENCE = Duration.ofSeconds(90);

    @ParameterizedTest
    @ValueSource(strings = {"python", "asgi", "perl", "ruby", "php", "php-worker", "node", "java", "wasm", "component",
        "external", "http"})
    void greetsAndLeavesNothing(String language, @TempDir Path directory) throws Exception {
        assumeTrue(!language.equals("component") || ComponentApps.areHere(), "the bundle was built without npm");
        int port = Distribution.freePorts(1).getFirst();
        Path said = directory.resolve("said");
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        ProcessBuilder builder = new ProcessBuilder(
            Path.of(System.getProperty("margay.apps")).resolve("../../../../margay").normalize().toString(), "demo",
            "--language", language, "--port", Integer.toString(port)).redirectErrorStream(true)
            .redirectInput(Path.of("/dev/null").toFile()).redirectOutput(said.toFile());
        builder.environment().put("MARGAY_HOME", Distribution.HOME.toString());
        builder.environment().put("TMPDIR", temporary.toString());
        // Accounts of applications have to reach their files.
        assertTrue(directory.toFile().setExecutable(true, false) && temporary.toFile().setExecutable(true, false));
        Process demo = builder.start();
        try {
            Await.until("it serves", PATIENCE, () -> {
                String text = Files.readString(said);
                assertTrue(demo.isAlive(), text);
                return text.contains("Ctrl-C stops it");
            });
            Response response = Http.get(port, "/hello");
            assertEquals(200, response.status(), response.text());
            assertTrue(response.text().startsWith("Hello from "), response.text());
            assertTrue(response.text().contains("/hello"), response.text());
        } finally {
            demo.destroy();
            assertTrue(demo.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS), "it does not end");
        }
        assertEquals(ENDED, demo.exitValue(), Files.readString(said));
        try (Stream<Path> left = Files.list(temporary)) {
            assertFalse(left.findAny().isPresent(), "it leaves nothing");
        }
    }
}
