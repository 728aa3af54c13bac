// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Web applications of the editions before the present one: the container is chosen by what the application needs. */
@Timeout(180)
class EditionsIT {

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("java");
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    private static void configure(Path webapp) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\":"
            + " \"applications/site\"}}, \"applications\": {\"site\": {\"type\": \"java\", \"threads\": 8,"
            + " \"webapp\": \"" + webapp + "\", \"options\": [\"-XX:TieredStopAtLevel=1\"]}}}");
    }

    private static Response get(String target, String... fields) throws IOException {
        try (Http http = Http.tcp(port)) {
            return http.exchange("GET " + target + " HTTP/1.1\r\nHost: shop.example:81\r\n"
                + String.join("", fields) + "\r\n");
        }
    }

    @ParameterizedTest
    @EnumSource(names = {"EE8", "EE9"})
    void oneOfEach(WebApps.Edition edition) throws Exception {
        configure(WebApps.archive(WebApps.directory(server, "servlets", edition)));
        String hello = get("/hello?a=b", "margay-client: https 6.6.6.6 6.6.6.6 6\r\n").text();
        assertTrue(hello.startsWith("http false 127.0.0.1 0 " + port + " http://shop.example:81/hello a=b [Host] [] "),
            hello);
        assertEquals((edition == WebApps.Edition.EE8 ? "4" : "5") + " false", get("/old").text());
        assertEquals("Welcome a b 42\n", get("/").text());
        Response first = get("/count");
        String cookie = first.header("Set-Cookie").orElseThrow();
        assertTrue(cookie.contains("HttpOnly"), cookie);
        assertEquals("2", get("/count", "Cookie: " + cookie.split(";")[0] + "\r\n").text());
        assertEquals("trouble 418", get("/fail?418").text());
        assertEquals(404, get("/WEB-INF/web.xml").status());
        try (Http waiting = Http.tcp(port)) {
            waiting.send("GET /wait HTTP/1.1\r\nHost: h\r\n\r\n");
            assertEquals(200, get("/wake").status());
            Response woken = waiting.response(false);
            assertEquals("woken", woken.text());
            assertTrue(woken.headers().contains("X-Mark: a"), woken.headers().toString());
        }
        assertEquals("echo hi", Inbox.exchange(port, "hi"));
        server.awaitLog("site begins");
        try (Http http = Http.tcp(port)) {
            byte[] body = new byte[5 << 20];
            http.send("POST /echo HTTP/1.1\r\nHost: h\r\nContent-Length: " + body.length + "\r\n\r\n");
            http.send(body);
            assertEquals(body.length, http.response(false).body().length);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "silent||EE8|4",
        "typed|<!DOCTYPE web-app PUBLIC '-//Sun Microsystems, Inc.//DTD Web Application 2.3//EN' "
            + "'http://java.sun.com/dtd/web-app_2_3.dtd'><web-app/>|EE8|4",
        "nine|<web-app xmlns='https://jakarta.ee/xml/ns/jakartaee' version='5.0'/>|EE9|5",
        "forgotten|<web-app xmlns='http://xmlns.jcp.org/xml/ns/javaee' version='3.1'/>|EE10|6"})
    void theContainerIsThatOfTheApplication(String name, String descriptor, WebApps.Edition edition, int version)
            throws Exception {
        Path webapp = server.base().resolve("webapps").resolve(name);
        Path classes = WebApps.directory(server, "servlets", edition).resolve("WEB-INF/classes");
        WebApps.copy(classes, webapp.resolve("WEB-INF/classes"));
        if (descriptor != null) {
            Files.writeString(webapp.resolve("WEB-INF/web.xml"), descriptor);
        }
        Files.writeString(webapp.resolve("v.jsp"), "<%= application.getMajorVersion() %>");
        configure(webapp);
        assertEquals(version + "", get("/v.jsp").text());
        // Annotations were not known yet in the days of document types.
        assertEquals(name.equals("typed") ? 404 : 200, get("/hello").status());
    }
}
