// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The file of resolv.conf(5) as it is found on machines, in containers, and by accident. */
class ResolvConfTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {
        "-|127.0.0.1:53||1|5|2|false",
        "nameserver 10.0.0.1;nameserver 10.0.0.2|10.0.0.1:53 10.0.0.2:53||1|5|2|false",
        "# nameserver 9.9.9.9;;nameserver fd00::1;  nameserver\t10.0.0.3 "
            + "|[fd00:0:0:0:0:0:0:1]:53 10.0.0.3:53||1|5|2|false",
        "nameserver name.example;nameserver;nameserver 1.2.3|127.0.0.1:53||1|5|2|false",
        "search a.example b.example;options ndots:5|127.0.0.1:53|a.example b.example|5|5|2|false",
        "search a.example;domain b.example|127.0.0.1:53|b.example|1|5|2|false",
        "search .|127.0.0.1:53||1|5|2|false",
        "options timeout:1 attempts:3 rotate edns0|127.0.0.1:53||1|1|3|true",
        "options timeout:99 attempts:99 ndots:99|127.0.0.1:53||15|30|5|false",
        "options timeout:0 attempts:0 ndots:-1 timeout:x|127.0.0.1:53||1|1|1|false",
        "options timeout:99999999999|127.0.0.1:53||1|5|2|false"})
    void whatItSays(String text, String servers, String search, int ndots, int timeout, int attempts, boolean rotate) {
        ResolvConf conf = ResolvConf.read(text == null ? List.of() : List.of(text.split(";")));
        assertEquals(servers, conf.servers().stream().map(server -> server.toString().substring(1))
            .collect(Collectors.joining(" ")));
        assertEquals(search == null ? "" : search, String.join(" ", conf.search()));
        assertEquals(List.of(ndots, timeout, attempts, rotate),
            List.of(conf.ndots(), conf.timeout(), conf.attempts(), conf.rotate()));
    }

    @Test
    void serversAreBounded() {
        assertEquals(8, ResolvConf.read(Collections.nCopies(100, "nameserver 10.0.0.1")).servers().size());
    }
}
