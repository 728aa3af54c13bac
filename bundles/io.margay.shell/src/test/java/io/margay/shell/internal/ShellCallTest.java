// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ShellCallTest {

    @ParameterizedTest
    @CsvSource({"/, /config", "/listeners/*:80, /config/listeners/*%3A80", "routes/0/, /config/routes/0",
        "/a/../b, /config/a/%2e%2e/b", "/ä b, /config/%C3%A4%20b"})
    void pathsAreEncoded(String path, String encoded) {
        assertEquals(encoded, ShellCall.configuration(path));
    }
}
