// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AddressesTest {

    @ParameterizedTest
    @CsvSource({"*:80, true", "127.0.0.1:00080, true", "255.255.255.254:1, true", "[::]:80, true", "unix:/a, true",
        "[::ffff:1.2.3.4]:65535, true", "unix:@x, true", "*:0, false", "*:65536, false", "*:, false", "*, false",
        "localhost:80, false", "1.2.3:80, false", "256.1.1.1:80, false", "255.255.255.255:80, false", "unix:a, false",
        "::1:80, false", "[::1], false", "[:::]:80, false", "[1::2::3]:80, false", "unix:, false", "[]:80, false",
        "1.2.3.4.:80, false", "'*: 80', false", "*:-1, false", "[::1:80, false", "'', false", ":80, false"})
    void socketAddresses(String text, boolean good) {
        assertEquals(good, Addresses.isSocket(text));
    }

    @ParameterizedTest
    @CsvSource({"::, 00000000000000000000000000000000", "1::, 00010000000000000000000000000000",
        "::1, 00000000000000000000000000000001", "1:2:3:4:5:6:7:8, 00010002000300040005000600070008",
        "fe80::1:abCD, fe80000000000000000000000001abcd", "::1.2.3.4, 00000000000000000000000001020304",
        "1:2:3:4:5:6:7::, 00010002000300040005000600070000", "1:2:3:4:5:6:7:8::, ''", "1:2:3, ''", "12345::, ''",
        "1:2:3:4:5:6:7:8:9, ''", "::1.2.3, ''", ":1, ''", "1.2.3.4::, ''", "::%eth0, ''"})
    void addressesOfVersionSix(String text, String hex) {
        assertEquals(hex, Addresses.ipv6(text).map(HexFormat.of()::formatHex).orElse(""));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"1.2.3.4|", "!1.2.3.4|", "1.2.3.4-1.2.3.9:80|", "10.0.0.0/8:1-9|", "::1|",
        "[::1]:80|", "[::/0]:80-90|", "fe80::/128|", "*:0|", "*:1-65535|", "unix|", "!unix|", "::-::2|", "0.0.0.0/32|",
        "1|too short", "!|too short", "''|too short", "1.2.3|format", "[::1]|format", "*80|format", "ab|format",
        "1.2.3.4-1.2.3.3|overlapping", "*:9-8|overlapping", "2::-1::|overlapping", "1.2.3.4/33|CIDR", "::/129|CIDR",
        "1.2.3.4/|CIDR", "1.2.3.4:|port", "1.2.3.4:65536|port", "*:x|port", "[::1]:|port", "*:1-|port"})
    void patterns(String text, String problem) {
        String found = AddressPatterns.problem(text).orElse("");
        assertEquals(problem == null ? "" : problem, problem != null && found.contains(problem) ? problem : found);
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
