// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class AddressTest {
    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:80, 127.0.0.1:80, 127.0.0.1, 80",
        "*:8080, *:8080, 0.0.0.0, 8080",
        "0.0.0.0:8080, *:8080, 0.0.0.0, 8080",
        "010.1.2.3:00080, 10.1.2.3:80, 10.1.2.3, 80",
        "255.255.255.254:65535, 255.255.255.254:65535, 255.255.255.254, 65535",
        "[::1]:80, [::1]:80, ::1, 80",
        "[::]:1, [::]:1, ::, 1",
        "[2001:DB8:0:0:1:0:0:1]:80, [2001:db8::1:0:0:1]:80, 2001:db8::1:0:0:1, 80",
        "[1:2:3:4:5:6:7:8]:80, [1:2:3:4:5:6:7:8]:80, 1:2:3:4:5:6:7:8, 80",
        "[1:0:3:0:5:0:7:0]:80, [1::3:0:5:0:7:0]:80, 1::3:0:5:0:7:0, 80",
        "[fe80::]:80, [fe80::]:80, fe80::, 80",
        "[::ffff:1.2.3.4]:80, [::ffff:1.2.3.4]:80, ::ffff:1.2.3.4, 80",
        "[64:ff9b::1.2.3.4]:80, [64:ff9b::102:304]:80, 64:ff9b::102:304, 80",
        "[1:2:3:4:5:6:1.2.3.4]:80, [1:2:3:4:5:6:102:304]:80, 1:2:3:4:5:6:102:304, 80",
        "unix:/tmp/x, unix:/tmp/x, unix:, 0",
        "unix:@name, unix:@name, unix:, 0"})
    void readsAndWrites(String text, String shown, String host, int port) {
        Address address = Address.parse(text);
        assertEquals(shown, address.text());
        assertEquals(host, address.host());
        assertEquals(port, address.port());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Address.MAX_SIZE);
            assertEquals(address, Address.decode(memory, address.encode(memory)));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ":", "80", ":80", "*", "*:", "*:0", "*:65536", "*:99999999999999999999", "*:8o", "*:-1",
        "*:+80", "*: 80", "localhost:80", "1.2.3:80", "1.2.3.4.5:80", "1.2.3.256:80", "1..3.4:80", "1.2.3.4:",
        "1.2.3.4", "255.255.255.255:80", "0001.2.3.4:80", " 1.2.3.4:80", "1.2.3.4:80 ", "::1:80", "[::1]", "[::1]80",
        "[]:80", "[:]:80", "[:::]:80", "[1::2::3]:80", "[1:2:3:4:5:6:7]:80", "[1:2:3:4:5:6:7:8:9]:80",
        "[1:2:3:4:5:6:7::8]:80", "[12345::]:80", "[g::]:80", "[::1%eth0]:80", "[1.2.3.4]:80", "[::1.2.3.4:1]:80",
        "[1:2:3:4:5:6:7:1.2.3.4]:80", "[1.2.3.4::]:80", "[:1]:80", "[1:]:80", "[::1:]:80", "unix:", "unix:/", "unix:@",
        "UNIX:/tmp/x", "[::\uFF11]:80", "\u0661.2.3.4:80"})
    void refuses(String text) {
        assertEquals("The address \"" + text + "\" is invalid.",
            assertThrows(IllegalArgumentException.class, () -> Address.parse(text)).getMessage());
        assertTrue(Address.tryParse(text).isEmpty());
    }

    @Test
    void pathsAreNeverCut() {
        String longest = "/" + "x".repeat(106);
        assertEquals(longest, ((Address.Unix) Address.parse("unix:" + longest)).path());
        assertTrue(Address.tryParse("unix:" + longest + "x").isEmpty());
        assertTrue(Address.tryParse("unix:/" + "é".repeat(54)).isEmpty());
        assertTrue(Address.tryParse("unix:/a\0b").isEmpty());
        assertThrows(IllegalArgumentException.class, () -> new Address.Unix("/" + "x".repeat(107)));
    }

    @Test
    void whatThePeerChoseIsOnlyShown() {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment memory = arena.allocate(Address.MAX_SIZE);
            memory.set(ValueLayout.JAVA_SHORT, 0, (short) Sockets.AF_UNIX);
            for (int i = 3; i < 110; i++) {
                memory.set(ValueLayout.JAVA_BYTE, i, (byte) 0xFF);
            }
            memory.set(ValueLayout.JAVA_BYTE, 4, (byte) 0);
            assertTrue(Address.decode(memory, 110).text().startsWith("unix:@\uFFFD@\uFFFD"));
            assertEquals("unix:", Address.decode(memory, 2).text());
            assertEquals("unix:", Address.decode(memory, 0).text());
            memory.set(ValueLayout.JAVA_SHORT, 0, (short) 17);
            assertEquals("family:17", Address.decode(memory, 20).text());
            memory.set(ValueLayout.JAVA_SHORT, 0, (short) Sockets.AF_INET6);
            assertEquals("family:10", Address.decode(memory, 16).text());
        }
    }
}
