// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.jar.Attributes;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Modules by hand: brought, replaced, put back, held and removed by the control API and the tool. */
@Timeout(180)
class ModulesIT {
    private static final String PYTHON = "io.margay.lang.python";
    private static final String PATH = "/modules/" + PYTHON;
    private static final int CLIENTS = 3;

    private TestServer server;
    private int port;

    @BeforeEach
    void start() throws IOException {
        server = TestServer.speaking("python");
        port = Distribution.freePorts(1).getFirst();
        configure();
    }

    @AfterEach
    void stop() throws IOException {
        server.close();
    }

    private void configure() throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": " + Tongue.PYTHON.app(server, "app",
            "\"processes\": 2") + "}}");
    }

    /** The Python bundle with another version, and its worker's code changed. */
    private Path jar(String version, UnaryOperator<String> worker) throws IOException {
        Path file = server.base().resolve("python-" + version + ".jar");
        JarCopy.write(Tongue.PYTHON.bundle(), file, version, (name, content) ->
            name.endsWith("/" + Tongue.PYTHON.file) ? worker.apply(content) : content);
        return file;
    }

    private Path jar(String version, String software) throws IOException {
        return jar(version, content -> content.replace("\"Unit/", "\"" + software + "/"));
    }

    private String unitctl(int code, String... arguments) throws Exception {
        String[] command = new String[arguments.length + 3];
        command[0] = Distribution.HOME.resolve("bin/unitctl").toString();
        command[1] = "-s";
        command[2] = "unix:" + server.base().resolve("control.sock");
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        Distribution.Result result = Distribution.run(server.base(), Map.of(), command);
        assertEquals(code, result.code(), result.out() + result.err());
        return result.out() + result.err();
    }

    private String software() throws IOException {
        return Http.get(port, "/software").text().replaceAll("/.*", "");
    }

    private Set<Long> workers() {
        return server.processes().entrySet().stream().filter(entry -> entry.getValue().contains("\"it\""))
            .map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    private String version() throws IOException {
        return server.control().get(PATH + "/version").text();
    }

    @Test
    void isReplacedAndPutBackUnderLoadWithoutAStart() throws Exception {
        Set<Long> before = workers();
        try (Load load = Load.start(port, "/software", CLIENTS)) {
            String updated = unitctl(0, "module", "update", jar("2.0.0", "Second").toString());
            assertTrue(updated.contains("\"parked\": true"), updated);
            Await.until("the new one answers", () -> software().equals("Second"));
            load.awaitMore(CLIENTS * 20);
            Response back = server.control().post(PATH + "/rollback", "");
            assertEquals(200, back.status(), back.text());
            assertEquals("Unit", software());
            assertTrue(workers().containsAll(before), "the processes of before serve again");
            load.awaitMore(CLIENTS * 20);
            assertEquals(200, server.control().post(PATH + "/rollback", "").status());
            assertEquals("Second", software());
            assertEquals(List.of(), load.stop(), "not one request failed");
        }
        assertTrue(unitctl(0, "module", "list", "-t", "text").matches("(?s).*io.margay.lang.python +2.0.0 +store +"
            + "lang:python +before: 1.0.0.\\S+ +used by: it\n.*"));
        server.expect("exited on signal");
        TestServer.signal(server.pid(), "KILL");
        server.restart();
        Await.until("the same set is there after a restart", () -> version().contains("2.0.0"));
        Await.until("it serves", () -> software().equals("Second"));
    }

    /** The old version serves on, and everybody who asks hears why. */
    @Test
    void aVersionThatDoesNotStartIsNotUsed() throws Exception {
        server.expect("stays with the version of its language module");
        server.expect("prototype|did not|exited");
        Response reply = server.control().put("/config/applications/it/processes", "{\"max\": 2, \"spare\": 0}");
        assertEquals(200, reply.status(), reply.text());
        assertEquals("Unit", software());
        try (Load load = Load.start(port, "/software", CLIENTS)) {
            unitctl(0, "module", "update", jar("2.0.0", content -> "raise SystemExit('broken')\n" + content)
                .toString());
            load.awaitMore(CLIENTS * 20);
            assertEquals(List.of(), load.stop());
        }
        assertEquals("Unit", software());
        server.awaitLog("application \"it\" stays with the version of its language module that it has: ");
        assertTrue(server.control().get("/status/applications/it/error").text().contains("stays with the version of"));
        assertTrue(server.control().get("/health/app/it").text().contains("\"status\": \"degraded\""));
        assertEquals(200, server.control().post(PATH + "/rollback", "").status());
        assertEquals("Unit", software());
        assertEquals(404, server.control().get("/status/applications/it/error").status());
    }

    @Test
    void whatIsInUseGoesByForceOnlyAndComesBackByItself() throws Exception {
        String refused = unitctl(1, "module", "remove", PYTHON);
        assertTrue(refused.contains("it is used by \"it\""), refused);
        server.expect("application \"it\" is left out of service");
        unitctl(0, "module", "remove", "--force", PYTHON);
        assertEquals(503, Http.get(port, "/software").status());
        assertEquals(404, server.control().get("/status/modules/python").status());
        unitctl(0, "module", "rollback", PYTHON);
        assertEquals(200, Http.get(port, "/software").status(), "it serves when the order is done");
        unitctl(0, "module", "remove", "--force", PYTHON);
        unitctl(0, "module", "add", jar("2.0.0", "Second").toString());
        assertEquals("Second", software(), "that of a new jar, too");
    }

    @Test
    void whatIsPinnedStays() throws Exception {
        unitctl(0, "module", "pin", PYTHON);
        Response refused = server.control().request("PUT", PATH, "no matter");
        assertEquals(400, refused.status(), refused.text());
        String pinned = unitctl(1, "module", "update", jar("2.0.0", "Second").toString());
        assertTrue(pinned.contains("is pinned"), pinned);
        unitctl(0, "module", "unpin", PYTHON);
        unitctl(0, "module", "update", jar("2.0.0", "Second").toString());
        assertEquals("Second", software());
    }

    /** As bnd makes bundles when nobody tells it otherwise. */
    @Test
    void aBundleMayImportWhatJavaHas() throws Exception {
        Path file = server.base().resolve("java.jar");
        JarCopy.write(Tongue.PYTHON.bundle(), file, "2.0.0", (Attributes headers) -> headers.putValue("Import-Package",
            headers.getValue("Import-Package") + ",java.io,java.lang,java.util,java.util.concurrent,java.net.http"),
            (name, content) -> content);
        unitctl(0, "module", "update", file.toString());
        Await.until("it serves", () -> Http.get(port, "/software").status() == 200);
    }

    @Test
    void badJarsAndOrdersChangeNothing() throws Exception {
        String before = version();
        assertEquals(400, server.control().put(PATH, "this is no jar").status());
        assertEquals(400, server.control().put(PATH, "").status());
        assertEquals(412, server.control().request("DELETE", PATH, "", "If-Match: \"" + "0".repeat(64) + "\"")
            .status());
        assertEquals(404, server.control().delete("/modules/none").status());
        assertEquals(404, server.control().post("/modules/none/rollback", "").status());
        Path wrong = jar("2.0.0", "Second");
        byte[] whole = Files.readAllBytes(wrong);
        assertTrue(send("PUT /modules/other", whole.length, whole, whole.length).startsWith("HTTP/1.1 400 "));
        assertTrue(send("PUT " + PATH, 2_000_000_000L, whole, 0).startsWith("HTTP/1.1 413 "), "2 GB are not read");
        // Cut in the middle: nothing has happened.
        send("PUT " + PATH, whole.length, whole, whole.length / 2);
        byte[] cut = Arrays.copyOf(whole, whole.length - 100);
        assertTrue(send("PUT " + PATH, cut.length, cut, cut.length).startsWith("HTTP/1.1 400 "));
        assertEquals(before, version());
        assertEquals("Unit", software());
        Path shelf = server.base().resolve("state/modules");
        Await.until("nothing is kept of what was refused", () -> Files.notExists(shelf) || isEmpty(shelf));
        assertTrue(send("PUT " + PATH, whole.length, whole, whole.length).startsWith("HTTP/1.1 200 "));
        assertEquals("Second", software());
    }

    private static boolean isEmpty(Path directory) throws IOException {
        try (Stream<Path> files = Files.list(directory)) {
            return files.findAny().isEmpty();
        }
    }

    /** Sends a request with as much of its content, and reads the head of what comes back. */
    private String send(String request, long length, byte[] content, int sent) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(server.base().resolve("control.sock")));
            OutputStream out = Channels.newOutputStream(channel);
            out.write((request + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n")
                .getBytes(StandardCharsets.US_ASCII));
            out.write(content, 0, sent);
            if (sent > 0 && sent < length) {
                return "";
            }
            byte[] head = new byte[64];
            int count = Channels.newInputStream(channel).read(head);
            return new String(head, 0, Math.max(0, count), StandardCharsets.US_ASCII);
        }
    }

    /** Whatever moment the server is killed at, the set of before or the one after is there. */
    @Test
    void aKillAtAnyMomentLeavesOneOfTheTwoSets() throws Exception {
        server.expect("exited on signal");
        byte[] other = Files.readAllBytes(jar("2.0.0", "Second"));
        for (String moment : new String[] {"at once", "modules", "modules.lock"}) {
            Thread order = Thread.ofPlatform().start(() -> {
                try {
                    send("PUT " + PATH, other.length, other, other.length);
                } catch (IOException e) {
                    // The server is gone, which is what this is about.
                    return;
                }
            });
            Path sign = server.base().resolve("state").resolve(moment);
            Await.until("it is the moment: " + moment, () -> moment.equals("at once") || Files.exists(sign));
            TestServer.signal(server.pid(), "KILL");
            order.join();
            server.restart();
            Await.until("it serves after the kill at: " + moment, () -> Http.get(port, "/software").status() == 200);
            String version = version();
            assertEquals(version.contains("2.0.0") ? "Second" : "Unit", software());
            if (version.contains("2.0.0")) {
                assertEquals(200, server.control().post(PATH + "/rollback", "").status());
                assertEquals("Unit", software());
            }
        }
    }
}
