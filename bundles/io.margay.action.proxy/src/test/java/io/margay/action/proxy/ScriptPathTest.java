// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which script a path names, and that it never leaves the root. */
class ScriptPathTest {

    private static String of(String path, String script, String... splits) {
        FastCgiOptions options = new FastCgiOptions(AsciiString.of("/www"), AsciiString.of(script),
            AsciiString.of("index.php"), List.of(splits).stream().map(AsciiString::of).toList(), List.of());
        // A view of a larger array, as paths are.
        byte[] array = ("##" + path + "##").getBytes(StandardCharsets.ISO_8859_1);
        AsciiString view = new AsciiString(array, 2, path.length(), false);
        return ScriptPath.of(view, options).map(found -> found.script() + " " + found.info()).orElse("none");
    }

    @ParameterizedTest
    @CsvSource({"/, '/index.php '", "/a/, '/a/index.php '", "/a.php, '/a.php '", "/a.php/x/y, /a.php /x/y",
        "/a.php/, /a.php /", "/a.php/b.php/c, /a.php /b.php/c", "/a.phpx/b.php, '/a.phpx/b.php '", "/a.php2, none",
        "/a, none", "/a.PHP, none", "/x.png/b.php, '/x.png/b.php '", "/.php, '/.php '", "'', none", "a.php, none",
        "*, none", "/../a.php, none", "/b/../a.php, none", "/b/..a.php, '/b/..a.php '", "/../, none",
        "/a.php/../../x, /a.php /../../x", "/.../a.php, '/.../a.php '"})
    void byThePath(String path, String expected) {
        assertEquals(expected, of(path, "", ".php"));
    }

    @ParameterizedTest
    @CsvSource({"/a.phar/x.php, /a.phar /x.php", "/a.php/x.phar, /a.php /x.phar", "/x.phar, '/x.phar '"})
    void theFirstNameWithAnEndingIsIt(String path, String expected) {
        assertEquals(expected, of(path, "", ".php", ".phar"));
    }

    @ParameterizedTest
    @CsvSource({"/any/thing, '/front.php '", "/../x, '/front.php '", "/a.php/b, '/front.php '"})
    void oneForAll(String path, String expected) {
        assertEquals(expected, of(path, "/front.php", ".php"));
    }

    @Test
    void aNulIsNoPartOfAName() {
        assertEquals("none", of("/a\0.php", "", ".php"));
    }
}
