// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostNamesTest {
    private final List<String> warnings = new ArrayList<>();
    private final HostNames names = new HostNames(List.of(List.of("first.example"),
        List.of("a.example", "*.a.example", "*.b.example"), List.of("x.a.example", "*.example", "a.example"),
        List.of("*", "*x.example", "")), warnings::add);

    @ParameterizedTest
    @CsvSource({"first.example,0", "a.example,1", "A.EXAMPLE,1", "y.a.example,1", "x.a.example,2", "y.x.a.example,0",
        "c.example,2", "b.example,2", "example,0", "other.test,0", "'',0", ".a.example,0", "..a.example,0", "a.,0",
        "*.a.example,1", ".,0"})
    void choice(String host, int place) {
        assertEquals(place, names.place(host));
    }

    @Test
    void whatIsIgnoredIsTold() {
        assertEquals(List.of(
            "ignored duplicate name \"a.example\" in a certificate, an identical name appears in a preceding one",
            "ignored invalid name \"*\" in a certificate, missing \".\" after wildcard symbol",
            "ignored invalid name \"*x.example\" in a certificate, missing \".\" after wildcard symbol",
            "ignored invalid name \"\" in a certificate, missing \".\" after wildcard symbol"), warnings);
    }
}
