// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OriginRulesTest {
    private final OriginRules rules = new OriginRules(Set.of("console.example"));

    @ParameterizedTest
    @CsvSource({"localhost,true", "localhost:8080,true", "LOCALHOST,true", "127.0.0.1,true", "127.9.9.9:1,true",
        "[::1]:80,true", "console.example:443,true", "evil.example,false", "localhost.evil.example,false",
        "127.0.0.1.evil.example,false", "[::2],false", "0.0.0.0,false", "localhost:80:90,false", "local host,false",
        "'',false", ",false", "127.0.0.1@evil,false", "localhost/,false", "localhost:999999,false"})
    void hosts(String host, boolean ours) {
        assertEquals(ours, rules.isOurs(host));
    }

    @ParameterizedTest
    @CsvSource({"http://localhost:80,true", "https://localhost:80,true", "http://localhost:80/page?x,true",
        "http://localhost:8080,false", "http://localhost:80.evil.example,false", "null,false",
        "http://evil.example,false", "http://localhost:80@evil.example,false", "ftp://localhost:80,false"})
    void origins(String origin, boolean same) {
        assertEquals(Optional.of(same), OriginRules.isSame("localhost:80", origin));
    }

    @Test
    void nobodySays() {
        assertEquals(Optional.empty(), OriginRules.isSame("localhost", null));
    }
}
