// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers of other languages than Python's as applications of type {@code http}; see {@link HttpWireIT}. */
@Timeout(120)
class HttpServersIT {
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("http");
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void configure(String executable, String arguments, String members) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/app\"}}, \"applications\": {\"app\": {\"type\": \"http\", "
            + "\"executable\": \"" + executable
            + "\", \"processes\": 2, \"arguments\": [" + arguments.replace('\'', '"') + "], \"working_directory\": \""
            + server.app("http") + "\", " + members.replace('\'', '"') + "}}}");
    }

    private static void servesWhileItIsRestarted(String target) throws Exception {
        try (Load load = Load.start(port, target, 4)) {
            load.awaitMore(100);
            assertEquals(200, server.control().get("/control/applications/app/restart").status());
            load.awaitMore(100);
            assertEquals(List.of(), load.stop());
        }
    }

    private static void tellsWhatItWasSent() throws IOException {
        byte[] body = new byte[300_000];
        try (Http http = Http.tcp(port)) {
            http.send("POST /a%20b?c HTTP/1.1\r\nHost: localhost\r\nContent-Length: 300000\r\n\r\n");
            http.send(body);
            assertEquals("POST /a b c 300000", http.response(false).text().replace("%20", " "));
        }
    }

    /** Alone, and with processes of its own. */
    @ParameterizedTest
    @ValueSource(strings = {"", "'--workers', '2', '--threads', '2:2', "})
    void puma(String more) throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/puma")), "the package puma is not installed");
        server.expect("exited on signal 15");
        configure("puma", more + "'--bind-to-activated-sockets', 'only', 'known.ru'", "'listen': 'inherit'");
        servesWhileItIsRestarted("/x");
        tellsWhatItWasSent();
    }

    @Test
    void theSimpleServerOfTheJdk() throws Exception {
        Path program = Path.of(System.getProperty("java.home"), "bin/jwebserver");
        assumeTrue(Files.isExecutable(program), "this runtime has no jwebserver");
        server.expect("exited with code 143");
        configure(program.toString(), "'-b', '127.0.0.1', '-p', '$PORT', '-d', '" + server.app("http")
            + "', '-o', 'none'",
            "'listen': 'port', 'ready': '/'");
        servesWhileItIsRestarted("/known.ru");
        assertTrue(Http.get(port, "/").text().contains("known.ru"));
        assertEquals(404, Http.get(port, "/none").status());
    }

    @Test
    void aProgramInGo() throws Exception {
        List<Path> compilers = new ArrayList<>();
        // Debian's name has the version.
        try (DirectoryStream<Path> files = Files.newDirectoryStream(Path.of("/usr/bin"), "gccgo*")) {
            files.forEach(compilers::add);
        }
        assumeFalse(compilers.isEmpty(), "the package gccgo is not installed");
        server.expect("exited on signal 15");
        Path program = server.base().resolve("server");
        Shell.succeeds(compilers.getFirst().toString(), "-o", program.toString(),
            server.app("http").resolve("server.go").toString());
        configure(program.toString(), "'127.0.0.1:$PORT'", "'listen': 'port', 'ready': '/health'");
        servesWhileItIsRestarted("/x");
        tellsWhatItWasSent();
    }

    /** A program that makes a socket where it is told, and takes away what it has made. */
    @Test
    void aSocketWhereTheProgramIsTold() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/uvicorn")), "the package uvicorn is not installed");
        configure("/usr/bin/uvicorn", "'--uds', '$SOCKET', '--no-access-log', 'known:asgi'",
            "'listen': 'unix', 'ready': '/x'");
        servesWhileItIsRestarted("/x");
        tellsWhatItWasSent();
        List<Path> before = sockets();
        assertFalse(before.isEmpty());
        server.expect("exited on signal 9");
        TestServer.signal(server.await("unit: router"), "KILL");
        Await.until("the next router serves", () -> {
            try {
                return Http.get(port, "/x").status() == 200;
            } catch (IOException e) {
                // Nobody listens, or the connection ends with its router.
                return false;
            }
        });
        Await.until("main removes what the killed one has left", () -> before.stream().noneMatch(Files::exists));
        List<Path> after = sockets();
        assertFalse(after.isEmpty());
        server.control().apply("/config", "{}");
        Await.until("the directories go with their processes", () -> after.stream().map(Path::getParent)
            .noneMatch(Files::exists));
    }

    /** Where the programs were told to make their sockets, and did. */
    private static List<Path> sockets() throws IOException {
        List<Path> sockets = new ArrayList<>();
        for (long pid : server.processes().keySet()) {
            Path line = Path.of("/proc/" + pid + "/cmdline");
            for (String word : Files.exists(line) ? Files.readString(line).split("\0") : new String[0]) {
                if (word.endsWith("/http.sock") && Files.exists(Path.of(word))) {
                    sockets.add(Path.of(word));
                }
            }
        }
        return sockets;
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
        "'user': 'daemon'|needs the \"user\" [^ ]+, which the server's own processes have, not daemon",
        "'isolation': {'rootfs': '/srv'}|\"listen\": \"unix\" does not work with \"isolation/rootfs\""})
    void aSocketThatTheServerCouldNotReachIsRefused(String members, String why) throws Exception {
        server.expect("failed to (start|apply)");
        Response refused = server.control().put("/config", "{\"applications\": {\"other\": {\"type\": \"http\", "
            + "\"executable\": \"/bin/true\", \"listen\": \"unix\", " + members.replace('\'', '"') + "}}}");
        assertEquals(500, refused.status(), refused.text());
        server.awaitLog(why);
    }
}
