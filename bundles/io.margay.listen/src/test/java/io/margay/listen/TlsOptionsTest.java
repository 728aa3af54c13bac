// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TlsOptionsTest {

    private static Optional<TlsOptions> read(String listener) throws ConfSyntaxException {
        return TlsOptions.of(conf(listener));
    }

    private static ConfObject conf(String text) throws ConfSyntaxException {
        return (ConfObject) ConfParser.parse(text.replace('\'', '"').getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void defaultsAndAll() throws ConfSyntaxException {
        assertEquals(Optional.empty(), read("{'pass': 'routes'}"));
        assertEquals(Optional.of(new TlsOptions(List.of("a"), Map.of(), 0, 300, false, List.of(),
            Optional.empty(), Optional.empty())), read("{'tls': {'certificate': 'a'}}"));
        assertEquals(Optional.of(new TlsOptions(List.of("a", "b"), Map.of("MinProtocol", "TLSv1.3"), 10, 20, false,
            List.of("k", "l"), Optional.empty(), Optional.empty())), read(
            "{'tls': {'certificate': ['a', 'b'], 'conf_commands': {'MinProtocol': 'TLSv1.3'},"
            + "'session': {'cache_size': 10, 'timeout': 20, 'tickets': ['k', 'l']}}}"));
    }

    @Test
    void whatIsDescribedHasTheNameThatItIsGiven() throws ConfSyntaxException {
        ConfObject listener = conf("{'tls': {'certificate': ['a', {'x': 1}, {'y': 2}]}}");
        TlsOptions options = TlsOptions.of(listener, described ->
            "from-" + described.members().keySet().iterator().next()).orElseThrow();
        assertEquals(List.of("a", "from-x", "from-y"), options.certificates());
        assertTrue(options.uses("from-y"));
        assertEquals(List.of("z"), TlsOptions.of(conf("{'tls': {'certificate': {'x': 1}}}"), described -> "z")
            .orElseThrow().certificates());
        assertThrows(IllegalArgumentException.class, () -> TlsOptions.of(listener), "nobody knows them");
    }

    @ParameterizedTest
    @CsvSource({"false,false", "true,true", "[],false", "'''k''',true", "['k'],true"})
    void tickets(String value, boolean expected) throws ConfSyntaxException {
        assertEquals(expected, read("{'tls': {'certificate': 'a', 'session': {'tickets': " + value + "}}}")
            .orElseThrow().hasTickets());
    }

    @Test
    void theLastKeyEncrypts() throws ConfSyntaxException {
        String one = Base64.getEncoder().encodeToString(new byte[48]);
        byte[] last = new byte[80];
        last[0] = 1;
        TlsOptions options = read("{'tls': {'certificate': 'a', 'session': {'tickets': ['" + one + "', '"
            + Base64.getEncoder().encodeToString(last) + "']}}}").orElseThrow();
        assertArrayEquals(last, options.keys().getFirst());
        assertEquals(2, TicketKeys.of(options.keys()).length);
        assertArrayEquals(new byte[] {1, 0, 0}, Arrays.copyOf(TicketKeys.of(options.keys())[0].name(), 3));
    }

    @Test
    void keysOf80BytesBecomeTwoThatDependOnAllOfIt() {
        byte[] key = new byte[80];
        byte[] other = key.clone();
        other[79] = 1;
        assertArrayEquals(TicketKeys.of(List.of(key))[0].aesKey(), TicketKeys.of(List.of(key.clone()))[0].aesKey());
        assertFalse(Arrays.equals(TicketKeys.of(List.of(key))[0].aesKey(),
            TicketKeys.of(List.of(other))[0].aesKey()));
        assertFalse(Arrays.equals(TicketKeys.of(List.of(key))[0].hmacKey(),
            TicketKeys.of(List.of(key))[0].aesKey()));
        assertTrue(TicketKeys.of(List.of()).length == 0);
    }
}
