// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Templates in JavaScript in a running server (spec/routing.md §6.5), wherever templates may be. */
@Timeout(180)
class TemplateScriptIT {
    private static final String LOOP = "`${(() => { for (;;); })()}`";

    private static TestServer server;
    private static int port;
    private static Path log;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking();
        server.expect("js exception: (the script takes more than 1000000 steps|Error: told) in the ");
        port = Distribution.freePorts(1).getFirst();
        Path site = Files.createDirectories(server.base().resolve("site/en"));
        Files.writeString(site.resolve("page.txt"), "page");
        Files.setPosixFilePermissions(site.getParent(), PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(site, PosixFilePermissions.fromString("rwxr-xr-x"));
        Files.setPosixFilePermissions(site.resolve("page.txt"), PosixFilePermissions.fromString("rw-r--r--"));
        log = server.base().resolve("access.log");
        Control control = server.control();
        assertEquals(200, control.put("/js_modules/lib", "let calls = 0;\nexport default {"
            + "lang: h => (h['Accept-Language'] || 'en').split(',')[0], count: () => ++calls,"
            + "fails: () => { throw new Error('told') }}").status());
        control.apply("/config", configuration());
    }

    private static String configuration() {
        return """
            {"listeners": {"127.0.0.1:PORT": {"pass": "`routes/${host == 'other' ? 'second' : 'main'}`"}},
             "settings": {"js_module": "lib"},
             "access_log": {"path": "LOG", "if": "`${uri.startsWith('/log') ? 1 : ''}`",
               "format": {"u": "`<${uri}>`", "s": "`${vars.status}`", "h": "`${vars.response_header_x_a}`",
                          "e": "`${args.e ? lib.fails() : ''}`"}},
             "routes": {
               "second": [{"action": {"return": 202}}],
               "loop": [{"match": {"if": "LOOP"}, "action": {"return": 200}}],
               "main": [
                {"match": {"uri": "/if", "if": "!`${args.a === '1' ? 'yes' : ''}`"}, "action": {"return": 204}},
                {"match": {"uri": "/if"}, "action": {"return": 201}},
                {"match": {"uri": "/location"},
                 "action": {"return": 302, "location": "`https://${host}/${args.to}?from=${remoteAddr}`"}},
                {"match": {"uri": "/rewrite/*"},
                 "action": {"rewrite": "`${uri.replace(/^.rewrite/, '')}`", "share": "SITE$uri"}},
                {"match": {"uri": "/share/*"},
                 "action": {"share": "`SITE/${lib.lang(headers)}/${uri.split('/')[2]}`",
                            "response_headers": {"X-A": "`${cookies.id} ${lib.count()}${lib.count()}`"}}},
                {"match": {"uri": "/chroot"},
                 "action": {"share": "SITE/en/page.txt", "chroot": "`SITE/${args.root}`"}},
                {"match": {"uri": "/pass"}, "action": {"pass": "`routes/${args.name}`"}},
                {"match": {"uri": "/loop/match"}, "action": {"pass": "routes/loop"}},
                {"match": {"uri": "/loop/location"}, "action": {"return": 301, "location": "LOOP"}},
                {"match": {"uri": "/loop/rewrite"}, "action": {"rewrite": "LOOP", "return": 200}},
                {"match": {"uri": "/loop/pass"}, "action": {"pass": "LOOP"}},
                {"match": {"uri": "/loop/share"}, "action": {"share": "LOOP"}},
                {"match": {"uri": "/loop/header"}, "action": {"return": 200, "response_headers": {"X-A": "LOOP"}}},
                {"match": {"uri": "/fails"}, "action": {"return": 301, "location": "`${lib.fails()}`"}},
                {"action": {"return": 200, "response_headers": {"X-A": "a"}}}]}}"""
            .replace("PORT", Integer.toString(port)).replace("SITE", server.base().resolve("site").toString())
            .replace("LOG", log.toString()).replace("LOOP", LOOP);
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static Response ask(String target, String fields) throws IOException {
        try (Http http = Http.tcp(port)) {
            http.send("GET " + target + " HTTP/1.1\r\n" + (fields.contains("Host:") ? "" : "Host: h\r\n") + fields
                + "\r\n");
            return http.response(false);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        /if?a=1                | 201
        /if?a=2                | 204
        /pass?name=second      | 202
        /pass?name=third       | 404
        /chroot?root=en        | 200
        /chroot?root=fr        | 403
        /share/page.txt        | 200
        /rewrite/en/page.txt   | 200
        /loop/match            | 500
        /loop/location         | 500
        /loop/rewrite          | 500
        /loop/pass             | 500
        /loop/share            | 500
        /loop/header           | 500
        /fails                 | 500
        """)
    void values(String target, int status) throws IOException {
        assertEquals(status, ask(target, "").status(), target);
    }

    @Test
    void whatScriptsSee() throws IOException {
        assertEquals(202, ask("/", "Host: other\r\n").status());
        assertEquals("https://h/b%C3%A9?from=127.0.0.1", ask("/location?to=b%C3%A9", "").header("location").orElse(""));
        Response page = ask("/share/page.txt", "Accept-Language: en,fr\r\nCookie: id=7\r\n");
        assertEquals("page", page.text());
        assertEquals("7 12", page.header("x-a").orElse(""));
        assertEquals("7 12", ask("/share/page.txt", "Cookie: id=7\r\n").header("x-a").orElse(""), "nothing is kept");
    }

    @Test
    void lines() throws IOException {
        ask("/not", "");
        ask("/log?e=1", "");
        ask("/log%22", "");
        Await.until("there is a line", () -> Files.exists(log) && Files.size(log) > 0);
        assertEquals(List.of("{\"u\":\"</log\\\">\",\"s\":\"200\",\"h\":\"a\",\"e\":\"\"}"), Files.readAllLines(log));
    }

    /** One line a second for each option, however many requests fail. */
    @Test
    void failuresNameTheirOption() throws IOException {
        for (int i = 0; i < 20; i++) {
            assertEquals(500, ask("/fails", "").status());
        }
        List<String> told = server.log().lines().filter(line -> line.contains("js exception: Error: told")).toList();
        assertTrue(!told.isEmpty() && told.size() < 20, told.toString());
        assertTrue(told.getFirst().contains("in the \"location\" value (/routes/main/"), told.toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        `${`                | Unexpected end of input
        `a` b               | Unexpected token
        `${uri}`}); (() => {| Unexpected token
        """)
    void syntax(String text, String reason) throws IOException {
        Response reply = server.control().put("/config/routes/second/0/action",
            "{\"return\": 301, \"location\": \"" + text + "\"}");
        assertEquals(400, reply.status());
        assertTrue(reply.text().contains("SyntaxError: " + reason), reply.text());
        assertTrue(reply.text().contains("in the \\\"location\\\" value"), reply.text());
    }
}
