// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Bytes as HTTP understands them, each of the 256. */
class AsciiTest {
    private static final String TOKEN =
        "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    @Test
    void everyByte() {
        for (int c = 0; c < 256; c++) {
            byte b = (byte) c;
            String shown = "byte " + c;
            assertEquals(c < 128 ? Character.digit(c, 16) : -1, Ascii.hex(b), shown);
            assertEquals(TOKEN.indexOf(c) >= 0, Ascii.isToken(b), shown);
            assertEquals(c == '\t' || c >= ' ', Ascii.isValue(b), shown);
            assertEquals(c < 128 ? (byte) Character.toLowerCase(c) : b, Ascii.lower(b), shown);
        }
    }

    /** The library takes whatever is negative as a signed byte, and all control characters, for a blank. */
    @Test
    void nothingElseIsABlank() {
        for (int c = 0; c < 256; c++) {
            String text = (char) c + "a b" + (char) c;
            boolean blank = c == ' ' || c == '\t';
            assertEquals(blank ? "a b" : text, Ascii.trim(new AsciiString(bytes(" \t" + text + "\t "))).toString(),
                "byte " + c);
        }
        assertEquals("", Ascii.trim(new AsciiString(" \t ")).toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        abc       | abc       | true
        ABC       | abc       | true
        aBc       | AbC       | true
        abc       | abd       | false
        a-b_c     | A-B_C     | true
        [         | {         | false
        ^         | ~         | false
        \u00c4    | \u00e4    | false
        \u00c4    | \u00c4    | true
        K         | k         | true
        1         | Q         | false
        """)
    void lettersWithoutCase(String one, String other, boolean equal) {
        byte[] a = bytes("x" + one);
        byte[] b = bytes("yy" + other);
        assertEquals(equal, Ascii.equalsIgnoreCase(a, 1, b, 2, one.length()));
        assertEquals(equal, Ascii.equalsIgnoreCase(b, 2, a, 1, one.length()));
        assertTrue(Ascii.equalsIgnoreCase(a, 0, b, 0, 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        keep-alive        | keep-alive | true
        Keep-Alive        | keep-alive | true
        close, KEEP-ALIVE | keep-alive | true
        keep-alivee       | keep-alive | true
        keep-aliv         | keep-alive | false
        keep_alive        | keep-alive | false
        kkeep-alive       | keep-alive | true
        keep-keep-alive   | keep-alive | true
        ``                | close      | false
        clos              | close      | false
        `clo se`          | close      | false
        """)
    void words(String text, String word, boolean found) {
        byte[] all = bytes("<" + text + ">");
        assertEquals(found, Ascii.contains(all, 1, all.length - 1, bytes(word)));
    }

    @Test
    void aWordDoesNotReachBeyondTheEnd() {
        byte[] all = bytes("close");
        assertTrue(Ascii.contains(all, 0, 5, bytes("close")));
        assertEquals(false, Ascii.contains(all, 0, 4, bytes("close")));
        assertEquals(false, Ascii.contains(all, 1, 5, bytes("close")));
        assertTrue(Ascii.contains(all, 2, 2, bytes("")));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        0                     | 0
        00                    | 0
        9                     | 9
        10                    | 10
        0000000000000000000000012 | 12
        4294967296            | 4294967296
        9223372036854775807   | 9223372036854775807
        9223372036854775806   | 9223372036854775806
        9223372036854775808   | -1
        9223372036854775817   | -1
        18446744073709551616  | -1
        99999999999999999999  | -1
        ``                    | -1
        ` 1`                  | -1
        `1 `                  | -1
        +1                    | -1
        -1                    | -1
        -0                    | -1
        1.0                   | -1
        1e3                   | -1
        0x10                  | -1
        1,000                 | -1
        a                     | -1
        1a                    | -1
        \u00b2                | -1
        :                     | -1
        /                     | -1
        """)
    void decimals(String text, long expected) {
        byte[] all = bytes("9" + text + "9");
        assertEquals(expected, Ascii.decimal(all, 1, all.length - 1));
    }

    @Test
    void decimalsAreThoseOfTheClassLibrary() {
        Random random = new Random(1);
        for (int i = 0; i < 20_000; i++) {
            long value = random.nextLong() >>> 1 + random.nextInt(62);
            byte[] text = bytes(Long.toString(value));
            assertEquals(value, Ascii.decimal(text, 0, text.length));
        }
    }

    @ParameterizedTest
    @EnumSource(KnownField.class)
    void knownFieldsAreFoundInAnyCaseAndNothingElseIs(KnownField field) {
        String name = field.text().toString();
        if (field == KnownField.OTHER) {
            assertEquals("", name);
            assertEquals(KnownField.OTHER, KnownField.of(new byte[0], 0, 0));
            return;
        }
        for (String good : new String[] {name, name.toUpperCase(java.util.Locale.ROOT),
            name.substring(0, 1).toUpperCase(java.util.Locale.ROOT) + name.substring(1)}) {
            byte[] all = bytes("::" + good + "::");
            assertEquals(field, KnownField.of(all, 2, all.length - 2), good);
        }
        for (int i = 0; i < name.length(); i++) {
            StringBuilder other = new StringBuilder(name);
            other.setCharAt(i, name.charAt(i) == '-' ? '_' : '-');
            byte[] changed = bytes(other.toString());
            assertEquals(KnownField.OTHER, KnownField.of(changed, 0, changed.length), other::toString);
            byte[] shorter = bytes(other.deleteCharAt(i).toString());
            assertEquals(KnownField.OTHER, KnownField.of(shorter, 0, shorter.length));
        }
        byte[] longer = bytes(name + "s");
        assertEquals(KnownField.OTHER, KnownField.of(longer, 0, longer.length));
    }

    /** A bit of a byte that is no letter must not pass for the case of one. */
    @ParameterizedTest
    @ValueSource(strings = {"CONTENT\rTYPE", "CONTENT\rLENGTH", "HOS\24", "\bost", "EXPEC\24", "USER\rAGENT"})
    void caseIsThatOfLettersOnly(String name) {
        byte[] all = bytes(name);
        assertEquals(KnownField.OTHER, KnownField.of(all, 0, all.length));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        0            | Thu, 01 Jan 1970 00:00:00 GMT
        1            | Thu, 01 Jan 1970 00:00:01 GMT
        86399        | Thu, 01 Jan 1970 23:59:59 GMT
        86400        | Fri, 02 Jan 1970 00:00:00 GMT
        536431200    | Wed, 31 Dec 1986 16:40:00 GMT
        951782399    | Mon, 28 Feb 2000 23:59:59 GMT
        951782400    | Tue, 29 Feb 2000 00:00:00 GMT
        951868800    | Wed, 01 Mar 2000 00:00:00 GMT
        1078012800   | Sun, 29 Feb 2004 00:00:00 GMT
        1709164800   | Thu, 29 Feb 2024 00:00:00 GMT
        1709251200   | Fri, 01 Mar 2024 00:00:00 GMT
        2147483647   | Tue, 19 Jan 2038 03:14:07 GMT
        2147483648   | Tue, 19 Jan 2038 03:14:08 GMT
        4107542399   | Sun, 28 Feb 2100 23:59:59 GMT
        4107542400   | Mon, 01 Mar 2100 00:00:00 GMT
        253402300799 | Fri, 31 Dec 9999 23:59:59 GMT
        253402300800 | Fri, 31 Dec 9999 23:59:59 GMT
        -1           | Thu, 01 Jan 1970 00:00:00 GMT
        """)
    void dates(long seconds, String text) {
        byte[] out = new byte[HttpDate.LENGTH + 2];
        HttpDate.write(seconds, out, 1);
        assertEquals("\0" + text + "\0", new String(out, StandardCharsets.ISO_8859_1));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # address, by bytes in groups                 | text
        127.0.0.1                                     | 127.0.0.1
        0.0.0.0                                       | 0.0.0.0
        255.255.255.255                               | 255.255.255.255
        0 0 0 0 0 0 0 0                               | ::
        0 0 0 0 0 0 0 1                               | ::1
        1 0 0 0 0 0 0 0                               | 1::
        1 2 3 4 5 6 7 8                               | 1:2:3:4:5:6:7:8
        2001 db8 0 0 0 0 0 1                          | 2001:db8::1
        2001 db8 0 0 1 0 0 1                          | 2001:db8::1:0:0:1
        2001 db8 0 1 1 1 1 1                          | 2001:db8::1:1:1:1:1
        2001 db8 1 0 0 1 0 0                          | 2001:db8:1::1:0:0
        1 0 0 2 0 0 0 3                               | 1:0:0:2::3
        0 0 0 1 0 0 0 0                               | 0:0:0:1::
        0 2 3 4 5 6 7 8                               | ::2:3:4:5:6:7:8
        1 2 3 4 5 6 7 0                               | 1:2:3:4:5:6:7::
        1 0 3 0 5 0 7 0                               | 1::3:0:5:0:7:0
        fe80 0 0 0 1 2 3 4                            | fe80::1:2:3:4
        ffff ffff ffff ffff ffff ffff ffff ffff       | ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff
        a00 b0 c 0d 00e f 10 100                      | a00:b0:c:d:e:f:10:100
        0 0 0 0 0 ffff 102 304                        | ::ffff:1.2.3.4
        0 0 0 0 0 ffff 0 0                            | ::ffff:0.0.0.0
        0 0 0 0 0 0 102 304                           | ::1.2.3.4
        0 0 0 0 0 0 1 0                               | ::0.1.0.0
        0 0 0 0 0 0 0 102                             | ::102
        0 0 0 0 0 fffe 102 304                        | ::fffe:102:304
        0 0 0 0 1 ffff 102 304                        | ::1:ffff:102:304
        64 ff9b 0 0 0 0 102 304                       | 64:ff9b::102:304
        """)
    void addresses(String groups, String text) throws java.net.UnknownHostException {
        byte[] ip;
        if (groups.indexOf('.') > 0) {
            ip = java.net.InetAddress.getByName(groups).getAddress();
        } else {
            java.nio.ByteBuffer all = java.nio.ByteBuffer.allocate(16);
            for (String group : groups.split(" ")) {
                all.putShort((short) Integer.parseInt(group, 16));
            }
            ip = all.array();
        }
        // Not by name: the class library makes version 4 of mapped ones.
        java.net.InetAddress address = ip.length == 4 ? java.net.InetAddress.getByAddress(ip)
            : java.net.Inet6Address.getByAddress("", ip, -1);
        PeerAddress peer = PeerAddress.of(new java.net.InetSocketAddress(address, 8080));
        assertEquals(text, peer.text().toString());
        assertEquals("8080", peer.portText().toString());
        assertEquals(8080, peer.port());
        assertEquals(ip.length, peer.ip().length);
        assertEquals(false, peer.isUnix());
    }
}
