// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.Extensions;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Static files: spec/routing.md §7. */
class ShareActionTest {
    private static final String SERVER = "Server: Unit/1.35.0\r\nDate: D\r\n";
    private static final String TIME = "Last-Modified: Wed, 31 Dec 1986 16:40:00 GMT\r\n";

    /** Answers 299: the action of fallbacks. */
    private static final ActionFactory TAKEN = new ActionFactory() {
        @Override
        public String option() {
            return "taken";
        }

        @Override
        public Set<String> options() {
            return Set.of("taken");
        }

        @Override
        public Action compile(ConfObject action, RouteCompiler compiler) {
            assertEquals(new ConfString("yes"), compiler.member("taken").orElseThrow());
            return (Exchange e) -> e.respond(299, Fields.NONE, new byte[0]);
        }
    };

    @TempDir
    private Path www;

    @BeforeEach
    void files() throws IOException {
        Files.createDirectories(www.resolve("a/b"));
        put("a/index.html", "index");
        put("a/x.TXT", "text");
        put("a/b/deep.css", "css");
        put("a/noext", "plain");
        put("a/big.bin", "x".repeat(70_000));
        put("a/small.bin", "y".repeat(65_536));
        put("secret.txt", "secret");
        Files.createSymbolicLink(www.resolve("a/link.txt"), Path.of("x.TXT"));
        Files.createSymbolicLink(www.resolve("a/out.txt"), Path.of("../secret.txt"));
        Files.createSymbolicLink(www.resolve("a/loop"), Path.of("loop"));
    }

    private void put(String name, String text) throws IOException {
        Path path = www.resolve(name);
        Files.writeString(path, text);
        Files.setLastModifiedTime(path, FileTime.fromMillis(536431200000L));
    }

    private RouteSite site(String options) {
        return new RouteSite(Extensions.builder().add(new ShareActionFactory(), RouteSite.ORIGIN)
            .add(TAKEN, RouteSite.ORIGIN), "{'action': {" + options.replace("WWW",
            www.toString())
            + "}}", "{'static': {'mime_types': {'text/x-own': ['.own', 'noext'], 'text/deep': '.CSS'}}}");
    }

    private String status(String options, String method, String target) {
        return site(options).ask(method, target).substring(9, 12);
    }

    @Test
    void responses() {
        RouteSite site = site("'share': 'WWW/a$uri'");
        String text = "HTTP/1.1 200 OK\r\n" + TIME + "ETag: \"1ff94a60-4\"\r\nContent-Type: text/plain\r\n" + SERVER
            + "Content-Length: 4\r\n\r\n";
        for (int i = 0; i < 3; i++) {
            assertEquals(text + "text", site.ask("GET", "/x.TXT"));
            assertEquals(text, site.ask("HEAD", "/x.TXT"));
        }
        assertTrue(site.ask("GET", "/").endsWith("Content-Type: text/html\r\n" + SERVER
            + "Content-Length: 5\r\n\r\nindex"));
        assertTrue(site.ask("GET", "/noext").contains("\r\nContent-Type: text/x-own\r\n"));
        assertTrue(site.ask("GET", "/b/deep.css").contains("\r\nContent-Type: text/deep\r\n"));
        assertTrue(site.ask("GET", "/big.bin").endsWith("Content-Length: 70000\r\n\r\n<file of 70000>"));
        assertTrue(site.ask("HEAD", "/big.bin").endsWith("Content-Length: 70000\r\n\r\n"));
        assertTrue(site.ask("GET", "/small.bin").endsWith("Content-Length: 65536\r\n\r\n" + "y".repeat(65_536)));
    }

    @Test
    void changedFilesAreSeen() throws IOException {
        RouteSite site = site("'share': 'WWW/a$uri'");
        assertTrue(site.ask("GET", "/x.TXT").endsWith("text"));
        assertTrue(site.ask("GET", "/x.TXT").endsWith("text"));
        Files.writeString(www.resolve("a/x.TXT"), "news");
        assertTrue(site.ask("GET", "/x.TXT").endsWith("news"));
        Files.writeString(www.resolve("a/x.TXT"), "more");
        assertTrue(site.ask("GET", "/x.TXT").endsWith("more"));
        Files.delete(www.resolve("a/x.TXT"));
        assertEquals("404", site.ask("GET", "/x.TXT").substring(9, 12));
        Files.createDirectory(www.resolve("a/x.TXT"));
        assertEquals("301", site.ask("GET", "/x.TXT").substring(9, 12));
    }

    @ParameterizedTest
    @CsvSource({"/b?x=y,/b/?x=y", "/b,/b/", "/%62,/b/", "/b?\u0001\t\u00ff<\u001fy%zz,/b/?%01\t\u00ff<%1Fy%zz"})
    void directoriesRedirect(String target, String location) {
        assertEquals("HTTP/1.1 301 Moved Permanently\r\nLocation: " + location + "\r\n" + SERVER
            + "Content-Length: 0\r\n\r\n", site("'share': 'WWW/a$uri', 'fallback': {'taken': 'yes'}").ask("GET",
                target));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '^', value = {
        "'share': 'WWW/a$uri'|GET|/none|404", "'share': 'WWW/a$uri'|GET|/noext/|404",
        "'share': 'WWW/a$uri'|GET|/b/|404",
        "'share': 'WWW/a$uri'|POST|/x.TXT|405", "'share': 'WWW/a$uri'|GET|/loop|403",
        "'share': 'WWW/a$uri', 'index': ''|GET|/|404", "'share': 'WWW/a$uri', 'index': 'x.TXT'|GET|/|200",
        "'share': '$arg_none'|GET|/|404", "'share': 'WWW/a$arg_p'|GET|/?p=/x.TXT%00|404",
        "'share': ['WWW/none', 'WWW/a$uri']|GET|/x.TXT|200", "'share': ['WWW/a/loop', 'WWW/none']|GET|/|404",
        "'share': ['WWW/none', 'WWW/a/loop']|GET|/|403",
        "'share': 'WWW/none', 'fallback': {'taken': 'yes'}|GET|/|299",
        "'share': 'WWW/a$uri', 'fallback': {'taken': 'yes'}|PUT|/x.TXT|299",
        "'share': 'WWW/a$uri', 'types': 'TEXT/*'|GET|/x.TXT|200",
        "'share': 'WWW/a$uri', 'types': '!text/*'|GET|/x.TXT|403",
        "'share': 'WWW/a$uri', 'types': ['!text/html']|GET|/|200",
        "'share': 'WWW/a$uri', 'types': 'a/b'|GET|/none.zz|403",
        "'share': 'WWW/a$uri', 'types': ''|GET|/loop.zz|404",
        "'share': 'WWW/a$uri', 'follow_symlinks': false|GET|/link.txt|403",
        "'share': 'WWW/a$uri', 'follow_symlinks': false|GET|/x.TXT|200", "'share': 'WWW/a$uri'|GET|/out.txt|200",
        "'share': 'WWW/a$uri', 'chroot': 'WWW/a'|GET|/out.txt|404",
        "'share': 'WWW/a$uri', 'chroot': 'WWW/a/'|GET|/x.TXT|200",
        "'share': 'WWW//a$uri', 'chroot': 'WWW/a'|GET|/x.TXT|200",
        "'share': 'WWW/a$uri', 'chroot': 'WWW/b'|GET|/x.TXT|403",
        "'share': 'WWW/a', 'chroot': 'WWW/a'|GET|/|403", "'share': 'WWW/ab', 'chroot': 'WWW/a'|GET|/|403",
        "'share': 'WWW/a$uri', 'chroot': ''|GET|/x.TXT|200", "'share': 'WWW/a$uri', 'chroot': '$arg_c'|GET|/x.TXT|200",
        "'share': 'WWW/a$uri', 'chroot': '$arg_c'|GET|/x.TXT?c=/none|403",
        "'share': '/proc/self/stat', 'traverse_mounts': false|GET|/|403", "'share': '/dev/null'|GET|/|404",
    })
    void statuses(String options, String method, String target, String expected) {
        assertEquals(expected, status(options, method, target));
    }

    @Test
    void socketsAndPipesAreNotFound() throws Exception {
        try (ServerSocketChannel socket = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            socket.bind(UnixDomainSocketAddress.of(www.resolve("a/socket")));
            RouteSite site = site("'share': 'WWW/a$uri'");
            assertEquals("404", site.ask("GET", "/socket").substring(9, 12));
            assertEquals(List.of("error \"" + www.resolve("a/socket") + "\" is not a regular file"), site.lines());
            assertEquals("404", status("'share': 'WWW/a$uri', 'follow_symlinks': false", "GET", "/socket"));
            assertEquals("299", status("'share': 'WWW/a$uri', 'fallback': {'taken': 'yes'}", "GET", "/socket"));
        }
        assertEquals(0, new ProcessBuilder("mkfifo", www.resolve("a/pipe").toString()).start().waitFor());
        assertEquals("404", status("'share': 'WWW/a$uri'", "GET", "/pipe"));
    }

    @Test
    void longNamesAreNotFound() {
        assertEquals("404", status("'share': 'WWW/a$uri'", "GET", "/" + "n".repeat(300)));
    }

    @Test
    void errors() {
        assertThrows(RouteException.class, () -> site("'share': []"));
        assertThrows(RouteException.class, () -> site("'share': 1"));
        assertThrows(RouteException.class, () -> site("'share': '/a', 'fallback': {}"));
        RouteException e = assertThrows(RouteException.class, () -> new RouteSite(
            Extensions.builder().add(new ShareActionFactory(), RouteSite.ORIGIN),
            "{'action': {'share': '/a'}}", "{'static': {'mime_types': {'a/a': '.x', 'b/b': '.x'}}}"));
        assertEquals("The \".x\" file extension has been declared for \"a/a\" and \"b/b\" MIME types at the same time.",
            e.getMessage());
    }
}
