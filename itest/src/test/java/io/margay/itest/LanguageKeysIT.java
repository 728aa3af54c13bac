// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** All that an application of PSGI or Rack finds in its environment, and nothing else. */
@Timeout(120)
class LanguageKeysIT {
    private static final String REQUEST = "POST /a%20b//c/../d?q=%41&%zz HTTP/1.1\r\nHost: ExAmple.COM:99\r\n"
        + "A-B-c: 1\r\nA-B-c: 2\r\nCookie: x=1\r\nContent-Type: text/x\r\nContent-Length: 3\r\n"
        + "Connection: close\r\n\r\nabc";
    private static final String PSGI = "SCRIPT_NAME= psgi.errors=object psgi.input=object psgi.multiprocess=1 "
        + "psgi.multithread= psgi.nonblocking= psgi.run_once= psgi.streaming=1 psgi.url_scheme=http "
        + "psgi.version=[1,1] psgix.cleanup=1 psgix.cleanup.handlers=[] psgix.harakiri=1 psgix.informational=object "
        + "psgix.input.buffered=1";
    private static final String RACK = "SCRIPT_NAME= rack.early_hints=object rack.errors=#<Margay::Errors> "
        + "rack.hijack= rack.hijack?=false rack.hijack_io= rack.input=#<Margay::Input> rack.multiprocess=true "
        + "rack.multithread=false rack.response_finished=[] rack.run_once=false rack.url_scheme=http "
        + "rack.version=[1,3]";

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
    @CsvSource(delimiter = '!', value = {"perl!app.psgi!" + PSGI, "ruby!app.ru!" + RACK})
    void areThoseOfTheInterface(String type, String script, String own) throws IOException {
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": {\"type\": \"" + type
            + "\", \"script\": \"" + server.app("keys").resolve(script) + "\"}}}");
        List<String> expected = new ArrayList<>(List.of("CONTENT_LENGTH=3", "CONTENT_TYPE=text/x", "HTTP_A_B_C=1, 2",
            "HTTP_CONNECTION=close", "HTTP_COOKIE=x=1", "HTTP_HOST=ExAmple.COM:99", "QUERY_STRING=q=%41&%zz",
            "PATH_INFO=/a b/d", "REMOTE_ADDR=127.0.0.1", "REQUEST_METHOD=POST",
            "REQUEST_URI=/a%20b//c/../d?q=%41&%zz", "SERVER_ADDR=127.0.0.1", "SERVER_NAME=example.com",
            "SERVER_PORT=" + port, "SERVER_PROTOCOL=HTTP/1.1", "SERVER_SOFTWARE=Unit/1.35.0"));
        expected.addAll(List.of(own.split(" ")));
        try (Http http = Http.tcp(port)) {
            String text = http.exchange(REQUEST).text();
            assertEquals(String.join("\n", new TreeSet<>(expected)), String.join("\n",
                new TreeSet<>(text.lines().map(line -> line.startsWith("HTTP_") ? line : line.replace(", ", ","))
                    .toList())));
        }
    }
}
