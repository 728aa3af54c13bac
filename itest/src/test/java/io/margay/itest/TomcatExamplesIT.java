// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The examples of Tomcat, as Debian has them: servlets, pages with tags, expressions, and asynchronous requests. */
@Timeout(180)
class TomcatExamplesIT {

    private static final Path EXAMPLES = Path.of("/usr/share/tomcat10-examples/examples");
    /** Filters of Tomcat itself, which no other container has. */
    private static final String OWN_FILTERS = "(?s)<(filter|filter-mapping)>\\s*<filter-name>"
        + "(HTTP header security filter|Request Dumper Filter)</filter-name>.*?</\\1>";

    private static TestServer server;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Files.isDirectory(EXAMPLES), "the package tomcat10-examples is not installed");
        server = TestServer.speaking("java");
        port = Distribution.freePorts(1).getFirst();
        Path copy = server.base().resolve("examples");
        copy(EXAMPLES, copy);
        Path descriptor = copy.resolve("WEB-INF/web.xml");
        Files.writeString(descriptor, Files.readString(descriptor).replaceAll(OWN_FILTERS, ""));
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port + "\": {\"pass\":"
            + " \"applications/examples\"}}, \"applications\": {\"examples\": {\"type\": \"java\", \"threads\": 4,"
            + " \"webapp\": \"" + copy + "\", \"options\": [\"-XX:TieredStopAtLevel=1\"]}}}");
    }

    @AfterAll
    static void stop() throws IOException {
        if (server != null) {
            server.close();
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        List<Path> files;
        // Debian's libraries are links to those of other packages.
        try (Stream<Path> all = Files.walk(from, FileVisitOption.FOLLOW_LINKS)) {
            files = all.toList();
        }
        for (Path file : files) {
            Path target = to.resolve(from.relativize(file));
            if (Files.isDirectory(file)) {
                Files.createDirectories(target);
            } else {
                Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '!', value = {
        "/!200!Apache Tomcat Examples",
        "/servlets/servlet/HelloWorldExample!200!<h1>Hello World",
        "/servlets/servlet/SessionExample?dataname=a&datavalue=b!200!a = b",
        "/jsp/jsp2/el/basic-arithmetic.jsp!200!<td>${1.2 + 2.3}",
        "/jsp/snp/snoop.jsp!200!JSP Request Method: GET",
        "/jsp/include/include.jsp!200!by including the output of another JSP: 1",
        "/jsp/simpletag/foo.jsp!200!Radio stations that rock",
        "/jsp/jsp2/tagfiles/hello.jsp!200!Hello, world",
        "/jsp/jsp2/simpletag/book.jsp!200!The Lord of the Rings",
        "/jsp/tagplugin/choose.jsp!200!One",
        "/async/async0!200!Async dispatch worked",
        "/async/async2!200!Output from background thread",
        "/jsp/security/protected/index.jsp!302!",
        "/nothing!404!"}, quoteCharacter = '`', ignoreLeadingAndTrailingWhitespace = false)
    void examples(String target, int status, String text) throws Exception {
        Response response = Http.get(port, target);
        assertEquals(status, response.status(), response.text());
        assertTrue(text == null || response.text().contains(text), response.text());
    }
}
