// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Frameworks of Debian's packages, those that are installed; Python's is in WsgiIT. */
@Timeout(120)
class FrameworksIT {
    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        server = TestServer.speaking("perl", "ruby");
        port = Distribution.freePorts(1).getFirst();
    }

    @AfterAll
    static void stop() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({
        "perl, mojolicious.psgi, Mojolicious, perl -MMojolicious -e 1, libmojolicious-perl",
        "perl, dancer2.psgi, Dancer2, perl -MDancer2::Core -e 1, libdancer2-perl",
        "perl, catalyst.psgi, Catalyst, perl -MCatalyst -e 1, libcatalyst-perl",
        "ruby, sinatra.ru, Sinatra, ruby -rsinatra/base -e 1, ruby-sinatra",
        "ruby, rails.ru, Rails, ruby -raction_controller/railtie -e 1, ruby-railties and ruby-actionpack"})
    void saysHello(String language, String script, String name, String probe, String packages) throws Exception {
        assumeTrue(Distribution.run(server.base(), Map.of(), probe.split(" ")).code() == 0,
            "needs the Debian packages " + packages);
        server.control().apply("/config", """
            {"listeners": {"127.0.0.1:%d": {"pass": "applications/hello"}},
             "applications": {"hello": {"type": "%s", "script": "%s/%s", "processes": 2}}}""".formatted(port, language,
                 server.app("frameworks"), script));
        for (int i = 0; i < 5; i++) {
            Response response = Http.get(port, "/");
            assertEquals(200, response.status(), response.text());
            assertEquals("Hello from " + name, response.text());
        }
        String body = "name=caf%C3%A9";
        try (Http http = Http.tcp(port)) {
            Response response = http.exchange("POST /form HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                + "application/x-www-form-urlencoded\r\nContent-Length: " + body.length() + "\r\n\r\n" + body);
            assertEquals(200, response.status(), response.text());
            assertEquals("name=", response.text().substring(0, 5));
        }
    }
}
