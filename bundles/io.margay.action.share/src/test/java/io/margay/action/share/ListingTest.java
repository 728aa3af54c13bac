// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The option {@code listing}. */
class ListingTest {
    private static final Pattern LINK = Pattern.compile("href=\"([^\"]+)\">([^<]+)<");
    private static final Pattern NAME = Pattern.compile("\"name\": \"([^,]*)\",");

    @TempDir
    private Path www;

    @BeforeEach
    void files() throws IOException {
        for (String name : List.of("d/b.txt", "d/a:b", "d/c&<\"'>.css", "d/e f%?#.txt", "d/\u00e4.txt", "d/.hidden",
            "d/z/x", "d/.git/x", "empty/.x", "has/index.html", "secret/s.txt")) {
            Path file = www.resolve(name);
            Files.createDirectories(file.getParent());
            Files.writeString(file, "four");
            Files.setLastModifiedTime(file, FileTime.fromMillis(536431200000L));
        }
        Files.createSymbolicLink(www.resolve("d/in"), Path.of("b.txt"));
        Files.createSymbolicLink(www.resolve("d/out"), Path.of("../secret"));
        Files.createSymbolicLink(www.resolve("d/dangling"), Path.of("nothing"));
        Files.createSymbolicLink(www.resolve("d/loop"), Path.of("loop"));
    }

    /** Reads directories at once, so that no test has to wait for a thread. */
    private RouteSite site(String options) {
        return new RouteSite(Extensions.builder().add(new ShareActionFactory(
            new FileCache(1000, System::nanoTime, () -> 0), Runnable::run), RouteSite.ORIGIN),
            "{'action': {" + options.replace("WWW", www.toString()) + "}}", "{}");
    }

    private static List<String> all(Pattern pattern, int group, String text) {
        List<String> all = new ArrayList<>();
        for (Matcher matcher = pattern.matcher(text); matcher.find();) {
            all.add(matcher.group(group));
        }
        return all;
    }

    @Test
    void aPage() {
        String page = site("'share': 'WWW$uri', 'listing': true").ask("GET", "/d/");
        assertTrue(page.startsWith("HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\nServer"), page);
        assertTrue(page.contains("<!DOCTYPE html>\n<html lang=\"en\">") && page.contains("<title>Index of /d/</title>")
            && page.contains("<th scope=\"col\">Name</th>"), page);
        assertEquals(List.of("../", "./out/", "./z/", "./a:b", "./b.txt", "./c&amp;%3C%22&#39;%3E.css",
            "./e%20f%25%3F%23.txt", "./in", "./%C3%A4.txt"), all(LINK, 1, page));
        assertEquals(List.of("../", "out/", "z/", "a:b", "b.txt", "c&amp;&lt;&#34;&#39;&gt;.css", "e f%?#.txt", "in",
            "\u00c3\u00a4.txt"), all(LINK, 2, page));
        assertTrue(page.contains("b.txt</a></td><td>4</td><td>1986-12-31 16:40:00</td></tr>"), page);
        assertTrue(page.contains("z/</a></td><td></td><td>"), page);
        assertFalse(page.contains("There are more"), page);
        String head = site("'share': 'WWW$uri', 'listing': true").ask("HEAD", "/d/");
        assertEquals(page.substring(0, page.indexOf("\r\n\r\n") + 4), head);
    }

    @Test
    void titlesAreEscapedAndTheRootHasNoParent() {
        String page = site("'share': 'WWW/empty/', 'listing': true").ask("GET", "/%3cb%3e&/");
        assertTrue(page.contains("<title>Index of /&lt;b&gt;&amp;/</title>"), page);
        assertEquals(List.of("../"), all(LINK, 1, page));
        assertEquals(List.of(), all(LINK, 1, site("'share': 'WWW/empty/', 'listing': true").ask("GET", "/")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # options                                         | names
        'listing': {'format': 'json'}                     | out z a:b b.txt c&<\\"'>.css in
        'listing': {'format': 'json', 'hidden': true}     | .git out z .hidden a:b b.txt c&<\\"'>.css in
        'listing': {'format': 'json'}, 'follow_symlinks': false | z a:b b.txt c&<\\"'>.css
        'listing': {'format': 'json'}, 'chroot': 'WWW/d'  | z a:b b.txt c&<\\"'>.css in
        'listing': {'format': 'json'}, 'chroot': 'WWW'    | out z a:b b.txt c&<\\"'>.css in
        'listing': {'format': 'json'}, 'types': 'text/css' | out z c&<\\"'>.css
        'listing': {'format': 'json'}, 'traverse_mounts': false | out z a:b b.txt c&<\\"'>.css in
        """)
    void whatIsShown(String options, String names) throws IOException {
        Files.delete(www.resolve("d/e f%?#.txt"));
        Files.delete(www.resolve("d/\u00e4.txt"));
        String text = site("'share': 'WWW$uri', " + options).ask("GET", "/d/");
        assertTrue(text.contains("\r\nContent-Type: application/json\r\n"), text);
        assertEquals(names, String.join(" ", all(NAME, 1, text)));
        assertTrue(text.contains("\"file\", \"mtime\": \"Wed, 31 Dec 1986 16:40:00 GMT\", \"size\": 4}"), text);
        assertTrue(text.endsWith("\n], \"more\": false}\n"), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        # options                                                  | method | target   | status
        'share': 'WWW$uri'                                         | GET    | /d/      | 404
        'share': 'WWW$uri', 'listing': false                       | GET    | /d/      | 404
        'share': 'WWW$uri', 'listing': true                        | GET    | /d       | 301
        'share': 'WWW$uri', 'listing': true                        | GET    | /none/   | 404
        'share': 'WWW$uri', 'listing': true                        | GET    | /d/b.txt/ | 404
        'share': 'WWW$uri', 'listing': true                        | POST   | /d/      | 405
        'share': 'WWW/d/', 'listing': true                         | GET    | /x       | 404
        'share': 'WWW$uri', 'index': '', 'listing': true           | GET    | /d/      | 200
        'share': 'WWW$uri', 'listing': true, 'chroot': 'WWW/has'   | GET    | /d/      | 403
        'share': ['WWW/none$uri', 'WWW$uri'], 'listing': true      | GET    | /d/      | 200
        'share': 'WWW$uri', 'listing': true, 'fallback': {'share': 'WWW/d/b.txt'} | GET | /none/ | 200
        'share': 'WWW$uri', 'listing': true, 'follow_symlinks': false | GET | /d/out/  | 403
        """)
    void whenItIsShown(String options, String method, String target, int status) {
        RouteSite site = site(options);
        assertEquals("HTTP/1.1 " + status, site.ask(method, target).substring(0, 12));
        assertTrue(status == 403 || site.lines().isEmpty(), site.lines().toString());
    }

    @Test
    void anIndexFileOfAnyShareComesFirst() {
        String page = site("'share': ['WWW/d$uri', 'WWW/has$uri'], 'listing': true").ask("GET", "/");
        assertTrue(page.endsWith("\r\n\r\nfour"), page);
    }

    @Test
    void thereAreMore() throws IOException {
        for (int i = 0; i <= DirectoryListing.MOST; i++) {
            Files.createFile(www.resolve("empty/" + i));
        }
        String page = site("'share': 'WWW$uri', 'listing': true").ask("GET", "/empty/");
        assertTrue(page.contains("<p>There are more than 4096 entries; these are not all.</p>"), page);
        assertTrue(all(LINK, 1, page).size() >= DirectoryListing.MOST, page);
        assertTrue(site("'share': 'WWW$uri', 'listing': {'format': 'json'}").ask("GET", "/empty/")
            .endsWith("\"more\": true}\n"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"5|", "{'x': 1}|/x", "{'format': 'xml'}|/format", "{'hidden': 1}|/hidden"})
    void refused(String row) {
        String[] parts = row.split("\\|", -1);
        RouteException refused = assertThrows(RouteException.class, () ->
            site("'share': 'WWW$uri', 'listing': " + parts[0]));
        assertEquals("/routes/0/action/listing" + parts[1], refused.pointer().toString());
    }
}
