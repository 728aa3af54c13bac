// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Addresses of listeners, servers and proxies, patterns for those of clients: spec/configuration.md §5.1, §6.4. */
class AddressesTest {

    @ParameterizedTest
    @CsvSource({"*:80, true", "*:1, true", "*:65535, true", "*:00080, true", "127.0.0.1:00080, true",
        "0.0.0.0:80, true", "010.0.0.1:80, true", "255.255.255.254:1, true", "[::]:80, true", "[::1]:80, true",
        "[1:2:3:4:5:6:7:8]:80, true", "[fe80::abCD]:80, true", "[::ffff:1.2.3.4]:65535, true", "unix:/a, true",
        "unix:@x, true", "unix:ab, true", "unix:/a:80, true",
        "*:0, false", "*:65536, false", "*:, false", "*, false", "*:8a, false", "*:-1, false",
        "1.2.3:80, false", "1.2.3.4.5:80, false", "256.1.1.1:80, false", "1.2.3.4, false",
        "1.2.3.4:, false", "0001.2.3.4:80, false", "255.255.255.255:80, false", "unix:a, false", "unix:, false",
        "::1:80, false", "[::1], false", "[::1]80, false", "[:::]:80, false", "[1::2::3]:80, false", "[]:80, false",
        "[::1%lo]:80, false", "[1.2.3.4]:80, false", "1.2.3.4.:80, false", "'*: 80', false", "[::1:80, false",
        "'', false", ":80, false", "80, false", "UNIX:/a, false", "http://1.2.3.4:80, false"})
    void sockets(String text, boolean good) {
        ConfPointer place = ConfPointer.ROOT.child("listeners").child(text);
        Optional<Problem> listener = Whole.with(place.toString(), "{\"pass\": \"routes/main\"}");
        assertEquals(good, listener.isEmpty(), listener::toString);
        ConfPointer server = ConfPointer.parse("/upstreams/u/servers").child(text);
        Optional<Problem> upstream = Whole.with(server.toString(), "{}");
        assertEquals(good, upstream.isEmpty(), upstream::toString);
        Optional<Problem> proxy = Whole.with("/routes/main/3/action/proxy", Conf.of("http://" + text));
        assertEquals(good, proxy.isEmpty(), proxy::toString);
        if (!good) {
            assertEquals("The listener address \"" + text + "\" is invalid.", listener.get().detail());
            assertEquals(place, listener.get().path());
            assertEquals("The \"" + text + "\" is not valid server address.", upstream.get().detail());
            assertEquals(server, upstream.get().path());
            assertEquals("The \"proxy\" address is invalid \"" + text + "\"", proxy.get().detail());
        }
    }

    /** Beyond Unit; nothing that looks like an address is a name. */
    @Test
    void serversMayHaveNames() {
        for (String name : List.of("localhost:80", "a-1.example.org:65535")) {
            assertEquals(Optional.empty(), Whole.with("/routes/main/3/action/proxy", Conf.of("http://" + name)));
            assertEquals(Optional.empty(),
                Whole.with(ConfPointer.parse("/upstreams/u/servers").child(name).toString(), "{}"));
            assertEquals("The listener address \"" + name + "\" is invalid.", Whole.with(
                ConfPointer.parse("/listeners").child(name).toString(), "{\"pass\": \"routes/main\"}").orElseThrow()
                .detail());
        }
    }

    @Test
    void pathsHaveTheLengthThatTheKernelTakes() {
        String longest = "unix:/" + "x".repeat(106);
        assertEquals(Optional.empty(), Whole.with(ConfPointer.parse("/listeners").child(longest).toString(),
            "{\"pass\": \"routes/main\"}"));
        for (String tooLong : List.of(longest + "x", "unix:/" + "\u00e9".repeat(54))) {
            assertEquals("The listener address \"" + tooLong + "\" is invalid.",
                Whole.with(ConfPointer.parse("/listeners").child(tooLong).toString(), "{\"pass\": \"routes/main\"}")
                    .orElseThrow().detail());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "127.0.0.1:80", "ftp://127.0.0.1:80", "HTTP://127.0.0.1:80",
        "HTTPS://127.0.0.1:80", "http:/127.0.0.1:80",
        " http://127.0.0.1:80", "$uri"})
    void proxiesSpeakHttp(String text) {
        Whole.refused("/routes/main/3/action/proxy", Conf.of(text), "The \"proxy\" address is invalid \"" + text
            + "\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:80/", "http://127.0.0.1:80/x", "http://127.0.0.1", "http://a:80b",
        "http://", "http://http://127.0.0.1:80"})
    void proxiesHaveAnAddressAndNothingElse(String text) {
        Whole.refused("/routes/main/3/action/proxy", Conf.of(text), "The \"proxy\" address is invalid \""
            + text.substring(7) + "\"");
    }

    /** The grammar has its own test; here are its places and the negation. */
    @ParameterizedTest
    @ValueSource(strings = {"/listeners/*:80/forwarded/source", "/listeners/*:80/client_ip/source",
        "/routes/main/0/match/source", "/routes/main/0/match/destination"})
    void patterns(String pointer) {
        for (String good : List.of("1.2.3.4", "!1.2.3.4", "10.0.0.0/8:1-9", "[::1]:80", "*:0", "!*:80", "unix", "!unix",
            "::1-::9")) {
            Whole.accepted(pointer, Conf.of(good));
            assertEquals(Optional.empty(), Whole.with(pointer, "[\"" + good + "\", \"!::2\"]"));
        }
        Whole.accepted(pointer, Schemas.parse("[]"));
        Whole.refused(pointer, Conf.of(""), "The \"address\" is too short.");
        Whole.refused(pointer, Conf.of("!"), "The \"address\" is too short.");
        Whole.refused(pointer, Conf.of("!1"), "The \"address\" is too short.");
        Whole.refused(pointer, Conf.of("!!1.2.3.4"), "The \"address\" format is invalid.");
        Whole.refused(pointer, Conf.of("1.2.3"), "The \"address\" format is invalid.");
        Whole.refused(pointer, Conf.of("2.2.2.2-1.1.1.1"), "The \"address\" range is overlapping.");
        Whole.refused(pointer, Conf.of("1.2.3.4/33"), "The \"address\" has an invalid CIDR prefix.");
        Whole.refused(pointer, Conf.of("1.2.3.4:x"), "The \"address\" port an invalid port.");
        assertEquals(pointer + "/1", Whole.with(pointer, "[\"unix\", \"x\", \"y\"]").orElseThrow().path().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"a.b|", "(|Unclosed", "(?P<x>a)(?P=x)|", "[[:alpha:]]|", "*|offset 0"})
    void regularExpressions(String regex, String problem) {
        String found = RegexSyntax.problem(regex).orElse("");
        assertEquals(problem != null, found.contains(problem == null ? "offset" : problem), found);
    }

    @Test
    void hugeRegularExpressionsAreRefused() {
        assertEquals("parentheses are too deeply nested", RegexSyntax.problem("(".repeat(30_000)).orElseThrow());
        assertEquals("regular expression is too large", RegexSyntax.problem("a".repeat(40_000)).orElseThrow());
        RegexSyntax.problem("a?".repeat(16_000)).ifPresent(text -> assertTrue(text.contains("overflow"), text));
    }
}
