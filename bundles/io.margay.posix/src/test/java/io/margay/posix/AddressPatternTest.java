// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every form of spec/routing.md §4.3, with the borders of ranges, networks and ports. */
class AddressPatternTest {

    private static byte[] ip(String text) {
        try {
            byte[] bytes = InetAddress.getByName(text).getAddress();
            // The class library takes a mapped address for one of version 4.
            if (text.startsWith("::ffff:")) {
                byte[] mapped = new byte[16];
                mapped[10] = -1;
                mapped[11] = -1;
                System.arraycopy(bytes, 0, mapped, 12, 4);
                return mapped;
            }
            return bytes;
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException(e);
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # pattern               | hits                                   | misses
        10.0.0.1                | 10.0.0.1                        | 10.0.0.0 10.0.0.2 110.0.0.1 ::1 ::ffff:10.0.0.1
        010.000.0.001           | 10.0.0.1                               | 8.0.0.1
        0.0.0.0                 | 0.0.0.0                                | 0.0.0.1 ::
        255.255.255.255         | 255.255.255.255                        | 255.255.255.254
        10.0.0.1-10.0.0.1       | 10.0.0.1                               | 10.0.0.0 10.0.0.2
        10.0.0.1-10.0.0.9       | 10.0.0.1 10.0.0.5 10.0.0.9             | 10.0.0.0 10.0.0.10 ::10.0.0.5
        10.0.0.250-10.0.1.5     | 10.0.0.250 10.0.0.255 10.0.1.0         | 10.0.0.249 10.0.1.6
        127.0.0.1-128.0.0.1     | 127.255.255.255 128.0.0.0              | 126.0.0.1 128.0.0.2
        0.0.0.0-255.255.255.255 | 0.0.0.0 1.2.3.4 255.255.255.255        | ::1
        0.0.0.0/0               | 0.0.0.0 1.2.3.4 255.255.255.255        | ::1 ::ffff:1.2.3.4
        128.0.0.0/1             | 128.0.0.0 255.255.255.255              | 127.255.255.255
        10.0.0.0/8              | 10.0.0.0 10.255.255.255                | 9.255.255.255 11.0.0.0
        10.9.9.9/8              | 10.0.0.0 10.255.255.255                | 9.255.255.255 11.0.0.0
        10.0.0.0/9              | 10.127.255.255                         | 10.128.0.0
        10.0.0.0/15             | 10.1.255.255                           | 10.2.0.0
        10.0.0.0/16             | 10.0.255.255                           | 10.1.0.0
        10.0.0.0/23             | 10.0.1.255                             | 10.0.2.0
        10.0.0.0/24             | 10.0.0.0 10.0.0.255                    | 10.0.1.0
        10.0.0.7/31             | 10.0.0.6 10.0.0.7                      | 10.0.0.5 10.0.0.8
        10.0.0.7/32             | 10.0.0.7                               | 10.0.0.6 10.0.0.8
        ::                      | ::                                     | ::1 0.0.0.0
        ::1                     | ::1                                    | ::2 1::1 127.0.0.1
        2001:DB8::1             | 2001:db8::1                            | 2001:db8::2
        1:2:3:4:5:6:7:8         | 1:2:3:4:5:6:7:8                        | 1:2:3:4:5:6:7:9
        ::1.2.3.4               | ::1.2.3.4                              | 1.2.3.4
        ::ffff:1.2.3.4          | ::ffff:1.2.3.4                         | 1.2.3.4
        ::1-::5                 | ::1 ::3 ::5                            | ::0 ::6
        fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff | fe80::1 febf::  | fec0:: fe7f::
        7fff::-8000::           | 7fff::1 8000::                         | 8000::1
        ::/0                    | :: ::1 ffff::                          | 0.0.0.0
        8000::/1                | 8000:: ffff::                          | 7fff::
        2001:db8::/32           | 2001:db8:: 2001:db8:ffff::             | 2001:db9::
        2001:db8::/33           | 2001:db8:7fff::1                       | 2001:db8:8000::
        2001:db8::5/128         | 2001:db8::5                            | 2001:db8::4
        2001:db8:1:2:3:4:5:6/64 | 2001:db8:1:2:: 2001:db8:1:2:ffff::     | 2001:db8:1:3::
        """)
    void addresses(String pattern, String hits, String misses) {
        AddressPattern parsed = AddressPattern.parse(pattern);
        for (int port : new int[] {0, 1, 80, 65_535}) {
            for (String hit : hits.split(" +")) {
                assertTrue(parsed.matches(ip(hit), port), hit);
            }
            for (String miss : misses.split(" +")) {
                assertFalse(parsed.matches(ip(miss), port), miss);
            }
        }
        assertFalse(parsed.matches(new byte[0], 0), "a unix socket");
        assertEquals(Optional.empty(), AddressPattern.problem(pattern));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        # pattern               | address   | ports that hit | ports that do not
        *:80                    | 10.0.0.1  | 80             | 79 81 0 65535
        *:80                    | ::1       | 80             | 79 81
        *:00080                 | ::1       | 80             | 8
        *:0                     | ::1       | 0              | 1
        *:65535                 | ::1       | 65535          | 65534
        *:0-65535               | ::1       | 0 1 65535      | 70000
        *:8-10                  | 1.1.1.1   | 8 9 10         | 7 11
        *:8-8                   | 1.1.1.1   | 8              | 7 9
        10.0.0.1:80             | 10.0.0.1  | 80             | 79 81
        10.0.0.1:80-90          | 10.0.0.1  | 80 85 90       | 79 91
        10.0.0.0/8:80           | 10.1.2.3  | 80             | 81
        10.0.0.1-10.0.0.9:1-2   | 10.0.0.9  | 1 2            | 0 3
        [::1]:80                | ::1       | 80             | 81
        [::1]:80-90             | ::1       | 80 90          | 79 91
        [::1-::9]:80            | ::5       | 80             | 81
        [::/0]:80-90            | abcd::    | 80 90          | 79 91
        """)
    void ports(String pattern, String address, String hits, String misses) {
        AddressPattern parsed = AddressPattern.parse(pattern);
        for (String port : hits.split(" ")) {
            assertTrue(parsed.matches(ip(address), Integer.parseInt(port)), port);
        }
        for (String port : misses.split(" ")) {
            assertFalse(parsed.matches(ip(address), Integer.parseInt(port)), port);
        }
        assertFalse(parsed.matches(new byte[0], Integer.parseInt(hits.split(" ")[0])));
    }

    @Test
    void unixSocketsAreOfTheirOwnKind() {
        AddressPattern unix = AddressPattern.parse("unix");
        assertTrue(unix.matches(new byte[0], 0));
        assertFalse(unix.matches(ip("::1"), 0));
        assertFalse(unix.matches(ip("0.0.0.0"), 0));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        ``                  | short
        1                   | short
        *                   | short
        :                   | short
        [                   | short
        1.2.3               | format
        1.2.3.4.5           | format
        1.2.3.256           | format
        0001.2.3.4          | format
        1.2.3.-4            | format
        1..3.4              | format
        1.2.3.4-            | format
        -1.2.3.4            | format
        1.2.3.4-5           | format
        1.2.3.4-::1         | format
        1.2.3.4 -1.2.3.5    | format
        localhost           | format
        localhost:80        | format
        ` 1.2.3.4`          | format
        `1.2.3.4 `          | format
        Unix                | format
        unix:               | format
        unix:/a             | format
        **                  | format
        *80                 | format
        *.*.*.*             | format
        *1:80               | format
        [::1]               | format
        [::1]80             | format
        [::1                | format
        [::1:80             | format
        []:80               | format
        [1.2.3.4]:80        | format
        [*]:80              | format
        [unix]:80           | format
        ::1::               | format
        :::                 | format
        1:2:3               | format
        12345::             | format
        g::                 | format
        ::1%lo              | format
        ::1-                | format
        ::1-1.2.3.4         | format
        ::1.2.3             | format
        /8                  | format
        ab/8                | format
        1.2.3/8             | format
        ::g/8               | format
        2.2.2.2-1.1.1.1     | overlap
        1.1.1.2-1.1.1.1     | overlap
        128.0.0.1-127.0.0.1 | overlap
        ::2-::1             | overlap
        8000::-7fff::       | overlap
        *:9-8               | overlap
        1.1.1.1:9-8         | overlap
        [::1]:9-8           | overlap
        1.2.3.4/            | prefix
        1.2.3.4/33          | prefix
        1.2.3.4/-1          | prefix
        1.2.3.4/+1          | prefix
        1.2.3.4/a           | prefix
        1.2.3.4/8/8         | prefix
        1.2.3.4/255.0.0.0   | prefix
        1.2.3.4/4294967297  | prefix
        ::/129              | prefix
        ::/                 | prefix
        [::/129]:80         | prefix
        1.2.3.4:            | port
        1.2.3.4:x           | port
        1.2.3.4:65536       | port
        1.2.3.4:-1          | port
        1.2.3.4:8-          | port
        1.2.3.4:-           | port
        1.2.3.4:8-9-10      | port
        1.2.3.4:4294967376  | port
        1.2.3.4: 80         | port
        *:                  | port
        *:*                 | port
        *:80-65536          | port
        *:a-b               | port
        [::1]:              | port
        [::1]:x             | port
        [::1]:8-            | port
        """)
    void refused(String pattern, String problem) {
        String text = switch (problem) {
            case "short" -> "The \"address\" is too short.";
            case "format" -> "The \"address\" format is invalid.";
            case "overlap" -> "The \"address\" range is overlapping.";
            case "prefix" -> "The \"address\" has an invalid CIDR prefix.";
            default -> "The \"address\" port an invalid port.";
        };
        assertEquals(Optional.of(text), AddressPattern.problem(pattern));
        assertEquals(text,
            assertThrows(IllegalArgumentException.class, () -> AddressPattern.parse(pattern)).getMessage());
    }

    /** Against arithmetic on the numbers that addresses are. */
    @Test
    void networksAgreeWithArithmetic() {
        java.util.Random random = new java.util.Random(5);
        for (int i = 0; i < 5_000; i++) {
            int bits = random.nextInt(33);
            int base = random.nextInt();
            int near = base ^ (random.nextBoolean() ? 1 << random.nextInt(32) : 0);
            int mask = bits == 0 ? 0 : -1 << 32 - bits;
            AddressPattern pattern = AddressPattern.parse(new Address.Ip4(base, 0).host() + "/" + bits);
            byte[] ip = java.nio.ByteBuffer.allocate(4).putInt(near).array();
            assertEquals((base & mask) == (near & mask), pattern.matches(ip, 80),
                () -> new Address.Ip4(base, 0).host() + "/" + bits + " " + new Address.Ip4(near, 0).host());
        }
    }
}
