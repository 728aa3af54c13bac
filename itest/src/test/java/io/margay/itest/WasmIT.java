// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.testing.WasmBinary;
import io.margay.testing.WasmBinary.Type;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Modules of WebAssembly; the language's bundle comes while the server runs. */
@Timeout(300)
class WasmIT {
    private static TestServer server;
    private static Path module;
    private static int port;
    private static int otherPort;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        Path modules = Files.createDirectory(base.resolve("modules"));
        server = TestServer.start(base, Map.of(), "--modulesdir", modules.toString());
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.getFirst();
        otherPort = ports.getLast();
        module = WasmApp.write(base.resolve("app.wasm"));
        String applications = "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\": \"applications/wasm\"}}, "
            + "\"settings\": {\"http\": {\"max_body_size\": 50000000}}, \"applications\": {\"wasm\": "
            + app("choose") + "}}";
        assertEquals(400, server.control().put("/config", applications).status());
        try (Stream<Path> files = Files.list(Distribution.HOME.resolve("modules"))) {
            Path bundle = files.filter(file -> file.getFileName().toString().contains("lang.wasm")).findFirst()
                .orElseThrow();
            Files.copy(bundle, base.resolve("new.tmp"));
            Files.move(base.resolve("new.tmp"), modules.resolve("wasm.jar"));
        }
        Await.until("the same PUT succeeds", () -> server.control().put("/config", applications).status() == 200);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static String app(String handler, String... members) {
        StringBuilder json = new StringBuilder("{\"type\": \"wasm\", \"module\": \"" + module
            + "\", \"request_handler\": \"" + handler + "\", \"free_handler\": \"free\"");
        if (Stream.of(members).noneMatch(member -> member.contains("malloc_handler"))) {
            json.append(", \"malloc_handler\": \"malloc\"");
        }
        for (String member : members) {
            json.append(", ").append(member);
        }
        return json.append('}').toString();
    }

    /** Runs another application at another port; most tests are content with the first, as a JVM takes a while. */
    private static void configure(String app) throws IOException {
        server.control().apply("/config/applications/other", app);
        server.control().apply("/config/listeners/127.0.0.1:" + otherPort, "{\"pass\": \"applications/other\"}");
    }

    private static Response refused(String app) throws IOException {
        server.expect("failed to start|failed to apply|start of");
        Response response = server.control().put("/config/applications/refused", app);
        assertEquals(500, response.status(), response.text());
        return response;
    }

    private static Response get(String handler) throws IOException {
        return Http.get(port, WasmApp.target(handler));
    }

    @Test
    void twoProcessesAnswerWhileTheyAreReplaced() throws Exception {
        configure(app("hello", "\"processes\": 2"));
        assertEquals("text/html", Http.get(otherPort, "/").header("Content-Type").orElse(""));
        assertEquals("y", Http.get(otherPort, "/").header("X-A").orElse(""));
        try (Load load = Load.start(otherPort, "/", 4, response -> assertEquals("hello", response.text()))) {
            load.awaitMore(50);
            assertEquals(200, server.control().get("/control/applications/other/restart").status());
            load.awaitMore(50);
            assertEquals(List.of(), load.stop());
        }
    }

    @ParameterizedTest
    @CsvSource({"hello,200,hello", "status,404,hello", "silent,200,''", "refuse,500,''", "preopened,500,''"})
    void answers(String handler, int status, String text) throws IOException {
        Response response = get(handler);
        assertEquals(status, response.status());
        assertEquals(text, response.text());
    }

    @Test
    void directoriesAreOpenedWhenTheyAreNamed() throws IOException {
        configure(app("preopened", "\"access\": {\"filesystem\": [\"" + server.base() + "\"]}"));
        assertEquals(200, Http.get(otherPort, "/").status());
        refused(app("preopened", "\"access\": {\"filesystem\": [\"/nowhere\"]}"));
        server.awaitLog("WASM ERROR: failed to instantiate WASI: \"/nowhere\" is no directory");
    }

    @Test
    void aFurtherProcessHasTheArchiveOfClasses() throws Exception {
        Path prepared = server.base().resolve("state/prepared");
        Await.until("the archive is made", Await.PATIENCE.multipliedBy(10), () -> {
            server.hastenPreparations();
            return ClassArchives.there(prepared, "wasm-");
        });
        Set<Long> before = server.processes().keySet();
        configure(app("hello", "\"environment\": {\"MORE\": \"yes\"}"));
        Set<Long> workers = new HashSet<>(server.processes().keySet());
        workers.removeAll(before);
        assertEquals(1, workers.size(), server.processes().toString());
        assertTrue(Files.readString(Path.of("/proc/" + workers.iterator().next() + "/maps"))
            .contains("/prepared/wasm-"));
        assertEquals("hello", Http.get(otherPort, "/").text());
    }

    /** What the demo runs. */
    @Test
    void theExampleGreetsAndCounts() throws Exception {
        assumeTrue(Files.isExecutable(Path.of("/usr/bin/wat2wasm")), "the package wabt is not installed");
        Path file = server.base().resolve("example.wasm");
        Shell.succeeds("wat2wasm", Distribution.HOME.resolve("config/examples/wasm/hello.wat").toString(), "-o",
            file.toString());
        configure("{\"type\": \"wasm\", \"module\": \"" + file + "\", \"request_handler\": \"request_handler\", "
            + "\"malloc_handler\": \"malloc\", \"free_handler\": \"free\"}");
        for (int i = 1; i < 12; i++) {
            Response response = Http.get(otherPort, "/a%20b?c");
            assertEquals("Hello from WebAssembly, request " + i + " /a b\n", response.text());
            assertEquals("text/plain", response.header("Content-Type").orElse(""));
        }
    }

    @Test
    void theRequestIsInTheBlock() throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send("GET " + WasmApp.target("show")
                + "/a%20b/x/../c?q=%41 HTTP/1.1\r\nHost: Name:1\r\nA: b\r\n\r\n");
            assertEquals("GETHTTP/1.1" + WasmApp.target("show") + "/a b/cq=%41127.0.0.1127.0.0.1" + port
                + "nameHostName:1", http.response(false).text());
        }
    }

    @Test
    void bodiesComeInPieces() throws IOException {
        for (String body : List.of("some body", "0123456789".repeat(4_000_000))) {
            try (Http http = Http.tcp(port)) {
                http.send("POST " + WasmApp.target("echo") + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                    + body.length() + "\r\n\r\n");
                http.send(body);
                assertTrue(body.equals(http.response(false).text()));
            }
        }
    }

    @Test
    void aTrapIsAnsweredByOneLineAndANewInstance() throws IOException {
        String hooks = "\"module_init_handler\": \"increment\", \"request_init_handler\": \"increment\"";
        configure(app("count", hooks));
        assertEquals("23", Http.get(otherPort, "/").text() + Http.get(otherPort, "/").text());
        configure(app("count", "\"response_end_handler\": \"start\"", hooks));
        server.expect("application \"other\": process \\d+");
        String line = "WASM ERROR: failed to call hook function \\[start\\]";
        assertEquals("2", Http.get(otherPort, "/").text());
        server.awaitLog(line);
        assertEquals("2", Http.get(otherPort, "/").text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "trap!failed to call function \\[->wasm_request_handler\\]: Trapped on unreachable instruction",
        "deep!call stack exhausted", "far!WASM send_response offset 4294967295 out of range",
        "long!WASM send_response size 4294967295 out of range",
        "fields!WASM send_headers nfields=4294967295 out of range",
        "name!WASM send_headers field\\[0\\] name_len=256 exceeds 255",
        "value!WASM send_headers field\\[0\\] offset 4294967287 out of range",
        "strange!WASM set_resp_status status 7 out of range"})
    void whatBreaksTheRulesIsAnswered500(String handler, String why) throws IOException {
        int before = server.log().length();
        assertEquals(500, get(handler).status());
        Await.until(why, () -> server.log().substring(before).matches("(?s).*WASM ERROR: [^\\n]*" + why + ".*"));
        assertEquals(1, server.log().substring(before).lines().filter(line -> line.contains("WASM")).count());
        assertEquals("hello", get("hello").text(), "by another instance");
    }

    @Test
    void anEndlessLoopIsEndedByTheTimeout() throws IOException {
        server.expect("exited on signal 9|application \"other\"");
        configure(app("hello"));
        Set<Long> others = server.processes().keySet();
        configure(app("endless", "\"limits\": {\"timeout\": 1, \"stop_timeout\": 1}"));
        Set<Long> workers = new HashSet<>(server.processes().keySet());
        workers.removeAll(others);
        assertFalse(workers.isEmpty(), server.processes().toString());
        assertEquals(503, Http.get(otherPort, "/").status());
        Await.until("it is gone", () -> workers.stream().allMatch(pid -> ProcessHandle.of(pid).isEmpty()));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "none-such!couldn't get (none-such) export from module", "memory!couldn't get (memory) export from module"})
    void missingExportsAreRefusedWithTheReason(String handler, String why) throws IOException {
        Response response = refused(app(handler));
        assertTrue(response.text().contains(why), response.text());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "none!\"limits\": {}!couldn't get \\(none\\) export from module: it has another signature",
        "hello!\"module_init_handler\": \"start\"!failed to call hook function \\[start\\]",
        "hello!\"malloc_handler\": \"greedy\"!it gave no block of 33619968 bytes; the option \"memory\" allows the "
            + "module 536870912",
        "hello!\"malloc_handler\": \"outside\"!it gave no block of 33619968 bytes",
        "hello!\"memory\": 34000000!the module wants 32 MiB of memory; its \"memory\" allows 32 MiB"})
    void whatDoesNotStartIsRefused(String handler, String member, String why) throws IOException {
        refused(app(handler, member));
        server.awaitLog("WASM ERROR: .*" + why);
    }

    @Test
    void filesThatAreNoModulesAreNamed() throws IOException {
        Path file = server.base().resolve("other.wasm");
        String app = app("hello").replace(module.toString(), file.toString());
        assertTrue(refused(app).text().contains("error opening file (" + file));
        Files.writeString(file, "hello, world");
        assertTrue(refused(app).text().contains("is no WebAssembly module"));
        Files.write(file, new byte[] {0, 'a', 's', 'm', 13, 0, 1, 0});
        assertTrue(refused(app).text().contains("is a component, which needs the type wasm-wasi-component"));
    }

    @ParameterizedTest
    @CsvSource({"9000, 562, '', 512", "65536, 4096, '', 512", "65536, 4096, ', \"memory\": 1073741824', 1024"})
    void moreMemoryThanAllowedIsRefused(int pages, int wanted, String member, int allowed) throws IOException {
        WasmBinary large = new WasmBinary(pages);
        for (String name : List.of("hello", "malloc", "free")) {
            large.function(name, Type.BOTH, WasmBinary.constant(0));
        }
        Path file = Files.write(server.base().resolve("large.wasm"), large.bytes());
        refused(app("hello").replace(module.toString(), file.toString()).replaceFirst("}$", member + "}"));
        server.awaitLog("WASM ERROR: the module wants " + wanted + " MiB of memory; its \"memory\" allows " + allowed
            + " MiB");
    }
}
