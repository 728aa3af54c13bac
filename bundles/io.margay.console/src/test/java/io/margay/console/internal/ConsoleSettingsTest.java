// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConsoleSettingsTest {
    private static final Map<String, String> REST = Map.of("state", "/s", "control", "unix:/c", "log", "/l", "pid",
        "/p");

    private static Map<String, Object> with(String... more) {
        Map<String, Object> all = new HashMap<>(REST);
        for (int i = 0; i < more.length; i += 2) {
            all.put(more[i], more[i + 1]);
        }
        return all;
    }

    @Test
    void withoutAnAddressThereIsNone() {
        assertTrue(ConsoleSettings.of(Map.of(), name -> null).isEmpty());
    }

    @Test
    void theConfigurationWinsOverTheFramework() {
        ConsoleSettings settings = ConsoleSettings.of(with("address", "127.0.0.1:1", "hosts", "a.example, b.example"),
            name -> name.equals("margay.console.address") ? "127.0.0.1:2" : null).orElseThrow();
        assertEquals("127.0.0.1:1", settings.address().text());
        assertEquals(Set.of("a.example", "b.example"), settings.hosts());
    }

    @ParameterizedTest
    @CsvSource({"0.0.0.0:1", "*:1", "[::]:1", "10.0.0.1:1", "unix:@a", "nowhere", "localhost:1"})
    void otherAddresses(String address) {
        String message = assertThrows(IllegalArgumentException.class, () ->
            ConsoleSettings.of(with("address", address), name -> null)).getMessage();
        assertTrue(message.startsWith("property \"address\""), message);
    }

    @Test
    void remoteAllowsThemByName() {
        assertTrue(ConsoleSettings.of(with("address", "0.0.0.0:1", "remote", "true"), name -> null).isPresent());
    }
}
