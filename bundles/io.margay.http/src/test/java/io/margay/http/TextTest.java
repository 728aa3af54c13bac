// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.channel.unix.DomainSocketAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Dates, addresses and targets. */
class TextTest {

    @Test
    void dates() {
        DateTimeFormatter format = DateTimeFormatter.ofPattern("EEE, dd MMM yyyy HH:mm:ss 'GMT'", Locale.US)
            .withZone(ZoneOffset.UTC);
        byte[] out = new byte[HttpDate.LENGTH];
        for (long second = 0; second < 253402300799L; second += 86400L * 17 + 12345) {
            HttpDate.write(second, out, 0);
            assertEquals(format.format(Instant.ofEpochSecond(second)), new String(out, StandardCharsets.ISO_8859_1));
        }
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1,127.0.0.1", "::,::", "::1,::1", "1::,1::", "2001:DB8:0:1:1:1:1:1,2001:db8::1:1:1:1:1",
        "2001:db8:0:0:1:0:0:1,2001:db8::1:0:0:1", "::1.2.3.4,::1.2.3.4", "64:ff9b::102:304,64:ff9b::102:304",
        "fe80:0:0:0:1:2:3:4,fe80::1:2:3:4"})
    void addresses(String literal, String text) throws UnknownHostException {
        PeerAddress address = PeerAddress.of(new InetSocketAddress(InetAddress.getByName(literal), 1));
        assertEquals(text, address.text().toString());
        assertEquals(1, address.port());
    }

    @Test
    void unixAddresses() {
        PeerAddress address = PeerAddress.of(new DomainSocketAddress("/run/x"));
        assertEquals("unix:/run/x", address.text().toString());
        assertTrue(address.isUnix());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"/a|/a||false", "/a?|/a||true", "/a?b?c#d|/a|b?c|true",
        "/a#?b|/a||false", "/%41?%41|/A|%41|true", "/a? b |/a| b |true"},
        ignoreLeadingAndTrailingWhitespace = false)
    void targets(String target, String path, String query, boolean hasQuery) {
        TargetPath parsed = new TargetPath();
        byte[] bytes = target.getBytes(StandardCharsets.ISO_8859_1);
        assertTrue(parsed.parse(bytes, 0, bytes.length));
        assertEquals(path, new String(parsed.path(), parsed.pathStart(), parsed.pathEnd() - parsed.pathStart(),
            StandardCharsets.ISO_8859_1));
        assertEquals(query == null ? "" : query, new String(bytes, parsed.queryStart(),
            parsed.queryEnd() - parsed.queryStart(), StandardCharsets.ISO_8859_1));
        assertEquals(hasQuery, parsed.hasQuery());
    }
}
