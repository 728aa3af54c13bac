// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** JavaScript modules through the control API ({@code spec/control-api.md §9}). */
@Timeout(120)
class ScriptsIT {
    private static final String MODULE = "// for tests \u00e4\nexport default {\n    hello(name) { return `hi "
        + "${name}` }\n};\n";

    private static TestServer server;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @BeforeEach
    void empty() throws IOException {
        server.control().apply("/config", "{}");
        server.control().delete("/js_modules/m");
    }

    private static String json(Response reply) {
        return reply.status() + " " + reply.text().replaceAll("[\\r\\n\\t]", "").replace("\": ", "\":");
    }

    @Test
    void modulesAreStoredShownAndDeleted() throws IOException {
        Control control = server.control();
        assertEquals("200 {}", json(control.get("/js_modules")));
        assertEquals("200 {\"success\":\"JS module uploaded.\"}", json(control.put("/js_modules/m", MODULE)));
        assertEquals("400 {\"error\":\"JS module already exists.\"}", json(control.put("/js_modules/m", MODULE)));
        String shown = "\"" + MODULE.replace("\n", "\\n") + "\"";
        assertEquals("200 " + shown, json(control.get("/js_modules/m")));
        assertEquals("200 {\"m\":" + shown + "}", json(control.get("/js_modules")));
        Path file = server.base().resolve("state/scripts/m");
        assertEquals(MODULE, Files.readString(file));
        assertEquals("rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(file)));
        assertEquals("404 {\"error\":\"JS module doesn't exist.\"}", json(control.delete("/js_modules/n")));
        assertEquals("400 {\"error\":\"Invalid JS module name.\"}", json(control.put("/js_modules", MODULE)));
        assertEquals("405 {\"error\":\"Invalid method.\"}", json(control.post("/js_modules/m", MODULE)));
        assertEquals("200 {\"success\":\"JS module deleted.\"}", json(control.delete("/js_modules/m")));
        assertFalse(Files.exists(file));
    }

    @Test
    void syntaxErrorsAreToldWithTheirLine() throws IOException {
        String[][] table = {
            {"export default }", "Unexpected token \\\\\\\"}\\\\\\\" in n:1"},
            {"var a = 1;\n\nexport default {a: };\n", "Unexpected token \\\\\\\"}\\\\\\\" in n:3"},
            {"var a = 1;", "Export statement is required in n:1"},
            {"", "Export statement is required in n:1"},
            {"export default {", "in n:1"},
        };
        for (String[] row : table) {
            String reply = json(server.control().put("/js_modules/n", row[0]));
            assertTrue(reply.startsWith("400 {\"error\":\"Invalid JS module.\",\"detail\":\"\\\"SyntaxError: ")
                && reply.endsWith(row[1] + "\\\"\"}"), reply);
        }
        assertEquals("200 {}", json(server.control().get("/js_modules")));
    }

    @Test
    void whatAConfigurationNamesStays() throws Exception {
        Control control = server.control();
        String reply = json(control.put("/config", "{\"settings\": {\"js_module\": [\"m\"]}, \"routes\": []}"));
        assertTrue(reply.contains("JS module \\\"m\\\" is not found."), reply);
        control.put("/js_modules/m", MODULE);
        control.apply("/config", "{\"settings\": {\"js_module\": [\"m\"]}, \"routes\": []}");
        assertEquals("400 {\"error\":\"JS module is used in the configuration.\"}",
            json(control.delete("/js_modules/m")));
        TestServer.signal(server.pid(), "TERM");
        server.restart();
        assertTrue(json(control.get("/js_modules/m")).startsWith("200 \"// for tests"));
        control.apply("/config", "{}");
        assertEquals("200 {\"success\":\"JS module deleted.\"}", json(control.delete("/js_modules/m")));
    }
}
