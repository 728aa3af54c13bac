// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.itest.live.LiveExtension;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.BundleActivator;

/**
 * Protocols, wires with their language, and resources of the control API come, change and go while clients are
 * served; what routes are made of does in {@link HotSwapIT}.
 */
@Timeout(300)
class LiveExtensionsIT {

    private static final int CLIENTS = 4;
    private static final int UPDATES = 5;

    private static TestServer server;
    private static Path modules;
    private static Map<Long, String> core;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() throws IOException {
        Path base = TestServer.directory();
        modules = Files.createDirectory(base.resolve("modules"));
        server = TestServer.replacing(base, modules);
        core = server.processes();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static ExtensionJar jar(Class<? extends BundleActivator> part, String kind, String name, String version,
            String packages) {
        return new ExtensionJar(part, "io.margay.itest." + kind, version)
            .header("Import-Package", "org.osgi.framework," + packages)
            .header("Provide-Capability", "io.margay.extension;kind=" + kind + ";name=\"" + name
                + "\";api:Version=\"1.0\"");
    }

    private static void protocol(String version) throws IOException {
        jar(LiveExtension.OfProtocol.class, "protocol", "lines", version,
            "io.margay.http,io.netty.buffer,io.netty.channel,"
                + "io.netty.channel.socket").moveTo(modules.resolve("protocol.jar"));
    }

    private static void wire(String version) throws IOException {
        jar(LiveExtension.OfWire.class, "wire", "inside", version,
            "io.margay.dispatch,io.margay.lang,io.netty.buffer,io.margay.engine").moveTo(modules.resolve("wire.jar"));
    }

    private static void resource(String version) throws IOException {
        jar(LiveExtension.OfControl.class, "control", "/live", version, "io.margay.control")
            .moveTo(modules.resolve("control.jar"));
    }

    private static void gone(String bundle, String version) {
        server.awaitLog("bundle io.margay.itest." + bundle + " " + version + " is uninstalled");
    }

    @Test
    void connectionsKeepTheProtocolThatTheyBeganWith() throws Exception {
        OpenSsl ssl = new OpenSsl(directory);
        ssl.selfSigned("live", "rsa:2048");
        server.control().apply("/certificates/live", ssl.join("live.crt", "live.key"));
        int port = Distribution.freePorts(1).getFirst();
        server.control().apply("/config/routes", "[{\"action\": {\"return\": 200}}]");
        server.control().apply("/config/listeners/127.0.0.1:" + port,
            "{\"pass\": \"routes\", \"tls\": {\"certificate\": \"live\"}}");
        assertEquals("", TlsClient.connect(port, "lines/1").protocol(), "nobody offers it yet");

        protocol("1.0.0");
        Await.until("new connections may choose it", Duration.ofSeconds(20), () ->
            chosen(port).equals("lines/1"));
        try (TlsClient first = TlsClient.connect(port, "lines/1"); TlsClient http = TlsClient.connect(port)) {
            assertEquals("1.0.0", first.line("one"));
            for (int i = 1; i <= UPDATES; i++) {
                String version = "1.0." + i;
                protocol(version);
                Await.until("new connections speak " + version, Duration.ofSeconds(20), () -> {
                    try (TlsClient next = TlsClient.connect(port, "lines/1")) {
                        return next.line("hello").equals(version);
                    }
                });
                assertEquals("1.0.0", first.line("again"), "the old connection goes on with the old code");
                assertEquals(200, http.get("/"));
            }
            try (TlsClient both = TlsClient.connect(port, "http/1.1", "lines/1")) {
                assertEquals(200, both.get("/"), both.protocol());
            }
        }
        gone("protocol", "1.0.0");
        Files.delete(modules.resolve("protocol.jar"));
        gone("protocol", "1.0." + UPDATES);
        assertEquals("", chosen(port));
        assertEquals(core, server.processes());
    }

    private static String chosen(int port) throws IOException {
        try (TlsClient client = TlsClient.connect(port, "lines/1")) {
            return client.protocol();
        }
    }

    @Test
    void applicationsMoveToTheNewVersionOfTheirWire() throws Exception {
        int port = Distribution.freePorts(1).getFirst();
        String application = "{\"type\": \"inside\", \"processes\": 2}";
        assertEquals(400, server.control().put("/config/applications/inside", application).status());
        jar(LiveExtension.OfLanguage.class, "lang", "inside", "1.0.0", "io.margay.lang").schema("""
            {"extend": {"application": {"variants": {"inside": {"reader": "lang:inside", "members": {}}}}}}
            """).moveTo(modules.resolve("language.jar"));
        Await.until("the wire is missing now", Duration.ofSeconds(20), () ->
            server.control().put("/config/applications/inside", application).text()
                .contains("No installed bundle supports the wire"));
        server.expect("wire");
        wire("1.0.0");
        Await.until("the application starts", Duration.ofSeconds(20), () ->
            server.control().put("/config/applications/inside", application).status() == 200);
        server.control().apply("/config/listeners/127.0.0.1:" + port, "{\"pass\": \"applications/inside\"}");
        try (Load load = Load.start(port, "/", CLIENTS)) {
            for (int i = 1; i <= UPDATES; i++) {
                String version = "1.0." + i;
                wire(version);
                Await.until("answers come from " + version, Duration.ofSeconds(20), () ->
                    Http.get(port, "/").text().equals(version));
                gone("wire", "1.0." + (i - 1));
                load.awaitMore(CLIENTS * 10);
            }
            assertEquals(List.of(), load.stop(), "not one request failed");
        }
        server.expect("stays loaded");
        Files.delete(modules.resolve("wire.jar"));
        server.awaitLog("wire.jar\" is gone; bundle io.margay.itest.wire stays loaded");
        assertEquals("1.0." + UPDATES, Http.get(port, "/").text());
        assertEquals(200, server.control().delete("/config/listeners/127.0.0.1:" + port).status());
        assertEquals(200, server.control().delete("/config/applications/inside").status());
        gone("wire", "1.0." + UPDATES);
        assertEquals(core, server.processes());
    }

    @Test
    void aResourceOfTheControlSocketComesChangesAndGoes() throws Exception {
        assertEquals(404, server.control().get("/live").status());
        for (int i = 0; i <= UPDATES; i++) {
            String version = "1.0." + i;
            resource(version);
            Await.until(version + " answers", Duration.ofSeconds(20), () -> {
                Response response = server.control().get("/live");
                assertTrue(response.status() == 200 || response.status() == 404, response.statusLine());
                return response.text().equals(version);
            });
        }
        Files.delete(modules.resolve("control.jar"));
        Await.until("it has gone", Duration.ofSeconds(20), () -> server.control().get("/live").status() == 404);
        assertEquals(core, server.processes());
    }
}
