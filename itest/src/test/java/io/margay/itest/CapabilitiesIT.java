// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What main may do is main's, also when it is not root and has it as ambient capabilities. */
@Timeout(120)
class CapabilitiesIT {
    private static final Pattern SETS = Pattern.compile("(?m)^(Cap(?:Prm|Eff|Amb)):\\s+([0-9a-f]+)$");

    @BeforeEach
    void needsRoot() {
        assumeTrue("root".equals(System.getProperty("user.name")), "not root: nobody can be given capabilities");
    }

    private static List<String> as(int user, String capabilities) {
        return List.of("setpriv", "--reuid=" + user, "--regid=" + user, "--clear-groups", "--inh-caps=" + capabilities,
            "--ambient-caps=" + capabilities);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"+net_bind_service | 65533 | 0", "+setuid,+setgid,+chown | 65534 | 65534"})
    void theOtherProcessesHaveNone(String capabilities, int user, int given) throws Exception {
        String[] options = given == 0 ? new String[0] : new String[] {"--user", "nobody", "--group", "nogroup"};
        try (TestServer server = TestServer.through(as(65533, capabilities), options)) {
            Files.setPosixFilePermissions(server.base().resolve("control.sock"),
                Files.getPosixFilePermissions(server.base()));
            int port = Distribution.freePorts(1).getFirst();
            server.control().apply("/config", """
                {"listeners": {"127.0.0.1:%d": {"pass": "routes"}}, "routes": [{"action": {"return": 200}}]}"""
                .formatted(port));
            assertEquals(200, Http.get(port, "/").status());
            assertTrue(sets(server.pid()).anyMatch(bits -> bits != 0), "main lives on them");
            for (String title : new String[] {"unit: controller", "unit: router"}) {
                long pid = server.await(title);
                assertEquals(0, sets(pid).filter(bits -> bits != 0).count(), title);
                assertTrue(Files.readString(Path.of("/proc/" + pid + "/status")).contains("Uid:\t" + user + "\t"),
                    title);
                TestServer.signal(pid, "KILL");
                Await.until("another " + title, () -> server.processes().entrySet().stream().anyMatch(entry ->
                    entry.getKey() != pid && entry.getValue().startsWith(title)));
                assertEquals(0, sets(server.await(title)).filter(bits -> bits != 0).count(), "the next " + title);
                Await.until("both are back", () -> answers(server));
            }
            server.expect("exited on signal 9");
            server.expect("failed to get status: the router process");
        }
    }

    private static boolean answers(TestServer server) {
        try {
            return server.control().get("/status").status() == 200;
        } catch (IOException e) {
            // Not yet.
            return false;
        }
    }

    /** The capabilities of all threads of a process, set by set. */
    private static Stream<Long> sets(long pid) throws IOException {
        Stream.Builder<Long> sets = Stream.builder();
        try (Stream<Path> tasks = Files.list(Path.of("/proc/" + pid + "/task"))) {
            for (Path task : tasks.toList()) {
                Matcher matcher = SETS.matcher(status(task));
                while (matcher.find()) {
                    sets.add(Long.parseUnsignedLong(matcher.group(2), 16));
                }
            }
        }
        return sets.build();
    }

    private static String status(Path task) throws IOException {
        try {
            return Files.readString(task.resolve("status"));
        } catch (IOException e) {
            // The thread has ended meanwhile.
            return "";
        }
    }
}
