// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What is the address of a server. */
class EndpointTest {

    @ParameterizedTest
    @CsvSource({"127.0.0.1:80, /127.0.0.1:80", "[::1]:8080, '/[0:0:0:0:0:0:0:1]:8080'", "unix:/a/b, /a/b"})
    void addressesAreWhereToConnect(String address, String socket) {
        assertEquals(socket, new Endpoint(address).socket().toString());
        assertEquals(true, Endpoint.isAddress(address) && new Endpoint(address).name().isEmpty());
    }

    @ParameterizedTest
    @CsvSource({"localhost:80, localhost, 80", "a.example.org.:65535, a.example.org., 65535",
        "a-b.c_d.x1:1, a-b.c_d.x1, 1"})
    void namesAreLookedUp(String address, String host, int port) {
        assertEquals(host, new Endpoint(address).name().orElseThrow().host());
        assertEquals(port, new Endpoint(address).name().orElseThrow().port());
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "blah", "/blah", "127.0.0.1", "127.0.0.1:", "127.0.0.1:0", "127.0.0.1:65536",
        "127.0.0.1:-1", "127.0.0.1:80b", "127.0.0.256:80", "1.2.3:80", "[]:80", "[::1", "[:::1]:80", "a:0", "a:65536",
        "a b:80", "a..b:80", "-a:80", "a-:80", ":80", "unix:", "a/b:80", "user@host:80", "a:80/"})
    void whatIsNone(String address) {
        assertEquals(false, Endpoint.isAddress(address));
    }
}
