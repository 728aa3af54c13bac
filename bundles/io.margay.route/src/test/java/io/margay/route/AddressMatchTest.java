// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import io.margay.http.PeerAddress;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Address patterns: spec/routing.md §4.3. */
class AddressMatchTest {

    @ParameterizedTest
    @CsvSource({"10.0.0.1,10.0.0.1,true", "10.0.0.1,10.0.0.2,false", "10.0.0.1:80,10.0.0.1,false",
        "10.0.0.1:1-999,10.0.0.1,true", "*:555,::1,true", "*:80,10.0.0.1,false", "10.0.0.0/8,10.255.1.1,true",
        "10.9.9.9/8,10.255.1.1,true", "10.0.0.0/8,11.0.0.0,false", "0.0.0.0/0,1.2.3.4,true", "0.0.0.0/0,::1,false",
        "!0.0.0.0/0,::1,true", "10.0.0.1-10.0.0.9,10.0.0.5,true", "10.0.0.1-10.0.0.9,10.0.0.10,false",
        "10.0.0.1-255.255.255.255,200.0.0.1,true", "::1,::1,true", "2001:db8::/33,2001:db8:7fff::1,true",
        "2001:db8::/33,2001:db8:8000::1,false", "[::1]:555,::1,true", "[::1]:80,::1,false",
        "[::1-::5/0]:555,::3,error", "[::1-::5]:555,::3,true", "unix,10.0.0.1,false", "!unix,10.0.0.1,true",
        "a,1.1.1.1,error", "*,1.1.1.1,error", "10.0.0,1.1.1.1,error", "10.0.0.9-10.0.0.1,1.1.1.1,error",
        "10.0.0.0/33,1.1.1.1,error", "10.0.0.0/,1.1.1.1,error", "10.0.0.1:,1.1.1.1,error", "*:8-,1.1.1.1,error",
        "*:9-8,1.1.1.1,error", "*:65536,1.1.1.1,error", "[::1],::1,error", "10.0.0.1-::1,::1,error"})
    void address(String pattern, String address, String expected) throws UnknownHostException {
        ConfString value = new ConfString(pattern);
        PeerAddress peer = PeerAddress.of(new InetSocketAddress(InetAddress.getByName(address), 555));
        if (expected.equals("error")) {
            assertThrows(RouteException.class, () -> AddressMatch.compile(value, ConfPointer.ROOT));
        } else {
            assertEquals(Boolean.valueOf(expected), AddressMatch.compile(value, ConfPointer.ROOT).test(peer));
        }
    }
}
