// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.testing.RouteSite;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What configurations want, by the section and by what listeners describe, and under which names. */
class WantedTest {
    private static final String AGREED = "'terms_of_service_agreed': true";

    private static ConfObject conf(String listeners, String section) {
        return RouteSite.conf(("{'listeners': {" + listeners + "}" + section + "}").replace("T,", AGREED + ","));
    }

    private static String listener(String address, String certificate) {
        return "'" + address + "': {'pass': 'routes', 'tls': {'certificate': " + certificate + "}}";
    }

    private static String name(String options) throws AcmeOptions.Fault {
        return AcmeOptions.read(ConfPointer.ROOT, RouteSite.conf(("{T, " + options + "}").replace("T,", AGREED + ",")))
            .name();
    }

    /** The names are written on disks: another version of the server must make the same. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'domains': 'www.example.org'                          | acme-www.example.org-944b09b71c82
        'domains': ['www.example.org', 'example.org']         | acme-example.org-3af52b4e08c2
        'domains': 'account'                                  | acme-account-2a52f44ffc2f
        'domains': 'a.example', 'contact': ['mailto:b@a.example', 'mailto:a@a.example'], 'challenge': 'tls-alpn-01', \
        'key_type': 'RSA-2048', 'directory': 'https://a.example/d', 'ca': 'c', \
        'external_account': {'key_id': 'k', 'key': 'AAAA'}    | acme-a.example-7afe0b6c3b5d
        """)
    void namesAreTheSameForGood(String options, String name) throws AcmeOptions.Fault {
        assertEquals(name, name(options));
        assertTrue(AcmeOptions.isName(name), name);
    }

    @Test
    void theNameOfALongDomainIsOneToo() throws AcmeOptions.Fault {
        String label = "a".repeat(60);
        String name = name("'domains': '" + String.join(".", label, label, label, label) + "'");
        assertTrue(AcmeOptions.isName(name) && name.startsWith("acme-" + label + ".aaa-"), name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'domains': ['b.example', 'a.example']          | 'domains': ['A.example', 'b.example', 'a.example']
        'domains': 'a.example'                         | 'domains': ['a.example'], 'challenge': 'http-01'
        'domains': 'a.example', 'key_type': 'P-256'    | 'key_type': 'P-256', 'domains': 'a.example'
        'domains': 'a', 'contact': ['a:b', 'a:c']      | 'domains': 'a', 'contact': ['a:c', 'a:b']
        """)
    void whatMeansTheSameHasOneName(String one, String other) throws AcmeOptions.Fault {
        assertEquals(name(one), name(other));
    }

    @ParameterizedTest
    @ValueSource(strings = {"'domains': ['a.example', 'b.example']", "'domains': 'a.example', 'key_type': 'RSA-2048'",
        "'domains': 'a.example', 'challenge': 'tls-alpn-01'", "'domains': 'a.example', 'contact': 'a:b'",
        "'domains': 'a.example', 'directory': 'https://a.example/d'", "'domains': 'a.example', 'ca': 'c'",
        "'domains': 'a.example', 'external_account': {'key_id': 'k', 'key': 'AAAA'}"})
    void otherOptionsHaveAnother(String other) throws AcmeOptions.Fault {
        assertNotEquals(name("'domains': 'a.example'"), name(other));
    }

    @Test
    void nothingIsToBeSeenOfASecret() throws AcmeOptions.Fault {
        assertEquals(name("'domains': 'a', 'external_account': {'key_id': 'k', 'key': 'AAAA'}"),
            name("'domains': 'a', 'external_account': {'key_id': 'k', 'key': 'BBBB'}"));
    }

    @Test
    void oneIsSharedAndKnowsWhereItStands() throws AcmeOptions.Fault {
        ConfObject whole = conf(listener("*:1", "{'acme': {'domains': ['b.x', 'a.x'], T, 'contact': 'a:b'}}") + ","
            + listener("*:2", "['n', {'acme': {'contact': 'a:b', T, 'domains': ['a.x', 'B.x']}}, {'acme': {T, "
            + "'domains': 'c.x'}}]"), ", 'acme': {'s': {T, 'domains': 'c.x'}}");
        Map<String, Wanted> all = Wanted.read(whole);
        assertEquals("s [c.x] []; acme-a.x [a.x, b.x] [/listeners/*:1/tls/certificate/acme, "
            + "/listeners/*:2/tls/certificate/1/acme]; acme-c.x [c.x] [/listeners/*:2/tls/certificate/2/acme]",
            all.entrySet().stream().map(one -> one.getKey().replaceFirst("-[0-9a-f]{12}$", "") + " "
                + one.getValue().options().domains() + " " + one.getValue().places())
                .collect(Collectors.joining("; ")));
        assertEquals(all.keySet(), Wanted.names(whole));
        String shared = all.keySet().stream().filter(name -> name.startsWith("acme-a.x")).findFirst().orElseThrow();
        assertEquals(Set.of("a.x", "b.x"), Set.copyOf(Wanted.domains(whole, shared)));
        assertTrue(Wanted.isDescribed(whole, shared) && Wanted.uses(whole, shared));
        assertFalse(Wanted.isDescribed(whole, "s") || Wanted.uses(whole, "s"), "the listener names it, if it does");
        assertEquals(List.of("c.x"), Wanted.domains(whole, "s"));
        assertEquals(List.of(), Wanted.domains(whole, "none"));
    }

    @Test
    void oneBundleOfAuthoritiesIsUsedFromEverywhere() {
        ConfObject whole = conf(listener("*:1", "{'acme': {'domains': 'b.x', T, 'ca': 'one'}}"),
            ", 'acme': {'s': {T, 'domains': 'c.x', 'ca': 'two'}}");
        assertTrue(Wanted.uses(whole, "one") && Wanted.uses(whole, "two"));
        assertFalse(Wanted.uses(whole, "three"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        'x'                                       | ``
        {}                                        | ``
        {'acme': 5}                               | /listeners/*:1/tls/certificate/acme
        {'acme': {}}                              | /listeners/*:1/tls/certificate/acme/terms_of_service_agreed
        {'acme': {T, 'domains': '*.x'}}           | /listeners/*:1/tls/certificate/acme/domains
        ['x', {'acme': {T, 'domains': []}}]       | /listeners/*:1/tls/certificate/1/acme/domains
        [{'acme': {T, 'domains': 'x', 'y': 1}}]   | /listeners/*:1/tls/certificate/0/acme/y
        {'other': {}}                             | ``
        """)
    void aFaultHasAPlaceAndNoName(String certificate, String place) throws AcmeOptions.Fault {
        ConfObject whole = conf(listener("*:1", certificate), "");
        assertEquals(Set.of(), Wanted.names(whole));
        if (place.isEmpty()) {
            assertEquals(Map.of(), Wanted.read(whole));
            assertFalse(Wanted.isAny(whole));
        } else {
            assertTrue(Wanted.isAny(whole));
            assertEquals(place, assertThrows(AcmeOptions.Fault.class, () -> Wanted.read(whole)).place().toString());
        }
    }

    @Test
    void twoThatWouldHaveOneNameAreRefused() throws AcmeOptions.Fault {
        String one = "'domains': 'a', 'external_account': {'key_id': 'k', 'key': 'AAAA'}";
        ConfObject secrets = conf(listener("*:1", "{'acme': {T, " + one + "}}") + "," + listener("*:2", "{'acme': {T, "
            + one.replace("AAAA", "BBBB") + "}}"), "");
        AcmeOptions.Fault told = assertThrows(AcmeOptions.Fault.class, () -> Wanted.read(secrets));
        assertEquals("/listeners/*:2/tls/certificate/acme", told.place().toString());
        assertTrue(told.getMessage().startsWith("It would be stored as \"acme-a-"), told.getMessage());
        ConfObject section = conf(listener("*:1", "{'acme': {T, 'domains': 'a'}}"), ", 'acme': {'"
            + name("'domains': 'a'") + "': {T, 'domains': 'b'}}");
        assertEquals("/listeners/*:1/tls/certificate/acme", assertThrows(AcmeOptions.Fault.class, () ->
            Wanted.read(section)).place().toString());
    }
}
