// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.action.returns.ReturnActionFactory;
import io.margay.conf.ConfWriter;
import io.margay.route.Extensions;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The half in the router: what is refused, and who is answered. */
class AcmeFilterTest {
    private static final String PLACE = "/.well-known/acme-challenge/";

    private static RouteSite site(AcmeFilterFactory factory, String section) {
        return new RouteSite(Extensions.builder().add(factory, RouteSite.ORIGIN)
            .add(new ReturnActionFactory(), RouteSite.ORIGIN), RouteSite.conf("{'listeners': {'*:80': "
            + "{'pass': 'routes'}}, 'routes': [{'action': {'return': 404}}]" + section + "}"));
    }

    @Test
    void whoAsksForATokenIsAnswered() {
        AcmeFilterFactory factory = new AcmeFilterFactory();
        RouteSite site = site(factory, ", 'acme': {'s': {'domains': 'a.example', 'terms_of_service_agreed': true}}");
        assertEquals("{\"tokens\":1}", ConfWriter.compactText(factory.answer(
            "{\"token\": \"to-ken\", \"answer\": \"to-ken.print\"}")));
        String answer = site.ask("GET", PLACE + "to-ken?x", "Host: a.example\r\n");
        assertTrue(answer.startsWith("HTTP/1.1 200 ") && answer.endsWith("\r\n\r\nto-ken.print"), answer);
        for (String other : new String[] {PLACE, PLACE + "to-kem", PLACE + "to-ken/", "/to-ken", "/"}) {
            assertTrue(site.ask("GET", other, "Host: a.example\r\n").startsWith("HTTP/1.1 404 "), other);
        }
        factory.answer("{\"token\": \"to-ken\"}");
        assertTrue(site.ask("GET", PLACE + "to-ken", "Host: a.example\r\n").startsWith("HTTP/1.1 404 "));
    }

    /** A listener that describes its certificate wants answers as well. */
    @Test
    void whatAListenerDescribesIsAnsweredFor() {
        AcmeFilterFactory factory = new AcmeFilterFactory();
        String options = "{'domains': 'a.example', 'terms_of_service_agreed': true}";
        RouteSite site = new RouteSite(Extensions.builder().add(factory, RouteSite.ORIGIN)
            .add(new ReturnActionFactory(), RouteSite.ORIGIN).host("/listeners/*/tls"), RouteSite.conf("{'listeners': {"
            + "'*:80': {'pass': 'routes'}, '*:443': {'pass': 'routes', 'tls': {'certificate': {'acme': " + options
            + "}}}}, 'routes': [{'action': {'return': 404}}]}"));
        factory.answer("{\"token\": \"t\", \"answer\": \"t.p\"}");
        assertTrue(site.ask("GET", PLACE + "t", "Host: a.example\r\n").endsWith("\r\n\r\nt.p"));
        assertTrue(factory.name(RouteSite.conf(options)).matches("acme-a\\.example-[0-9a-f]{12}"));
        assertEquals("There must be 1 to 100 domains.", assertThrows(IllegalArgumentException.class, () ->
            factory.name(RouteSite.conf("{'terms_of_service_agreed': true}"))).getMessage());
    }

    @Test
    void nobodyIsAnsweredWithoutTheOption() {
        AcmeFilterFactory factory = new AcmeFilterFactory();
        factory.answer("{\"token\": \"t\", \"answer\": \"t.p\"}");
        assertTrue(site(factory, "").ask("GET", PLACE + "t", "Host: a\r\n").startsWith("HTTP/1.1 404 "));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        7                                              |                            | must be an object
        {'a/b': {}}                                    | /a~1b                      | The name of a certificate
        {'.a': {}}                                     | /.a                        | The name of a certificate
        {'s': 1}                                       | /s                         | must be an object
        {'s': {'x': 1}}                                | /s/x                       | Unknown parameter
        {'s': {'domains': 'a'}}                        | /s/terms_of_service_agreed | does not agree
        {'s': {'domains': 'a', 'terms_of_service_agreed': false}} | /s/terms_of_service_agreed | does not agree
        {'s': {'terms_of_service_agreed': true}}       | /s/domains                 | 1 to 100 domains
        {'s': {T, 'domains': []}}                      | /s/domains                 | 1 to 100 domains
        {'s': {T, 'domains': [1]}}                     | /s/domains                 | an array of strings
        {'s': {T, 'domains': '*.a.example'}}           | /s/domains                 | by "http-01"; name the hosts
        {'s': {T, 'domains': '*.a.example', 'challenge': 'tls-alpn-01'}} | /s/domains | by "tls-alpn-01"; name the
        {'s': {T, 'domains': ['a', 'b_c']}}            | /s/domains                 | not the name of a host
        {'s': {T, 'domains': 'a..b'}}                  | /s/domains                 | not the name of a host
        {'s': {T, 'domains': '127.0.0.1'}}             | /s/domains                 | not the name of a host
        {'s': {T, 'domains': 'ä.example'}}             | /s/domains                 | not the name of a host
        {'s': {T, D, 'directory': 'http://a/'}}        | /s/directory               | begins with "https://"
        {'s': {T, D, 'directory': 'https://a b/'}}     | /s/directory               | is no URL
        {'s': {T, D, 'directory': 'https:///d'}}       | /s/directory               | begins with "https://"
        {'s': {T, D, 'directory': 'https://u@a/'}}     | /s/directory               | begins with "https://"
        {'s': {T, D, 'directory': 5}}                  | /s/directory               | must be a string
        {'s': {T, D, 'contact': 'me@a.example'}}       | /s/contact                 | is not a URL
        {'s': {T, D, 'contact': 'mailto:a>b@c.example'}} | /s/contact               | is not a URL
        {'s': {T, D, 'contact': 'mailto:a@b.example,c@b.example'}} | /s/contact     | one address and nothing
        {'s': {T, D, 'contact': 'mailto:a@b.example?subject=c'}} | /s/contact       | one address and nothing
        {'s': {T, D, 'challenge': 'dns-01'}}           | /s/challenge               | "http-01" or "tls-alpn-01"
        {'s': {T, D, 'key_type': 'P-384'}}             | /s/key_type                | "P-256" or "RSA-2048"
        {'s': {T, D, 'external_account': {'key': 'a'}}} | /s/external_account       | "key_id" and "key"
        {'s': {T, D, 'external_account': {'key_id': 'a', 'key': '+'}}} | /s/external_account | not Base64
        {'s': {T, D, 'external_account': {'key_id': 'a', 'key': ''}}} | /s/external_account | is empty
        """)
    void faults(String section, String place, String text) {
        RouteException told = assertThrows(RouteException.class, () -> site(new AcmeFilterFactory(), ", 'acme': "
            + section.replace("T,", "'terms_of_service_agreed': true,").replace("D,", "'domains': 'a.example',")));
        assertEquals("/acme" + (place == null ? "" : place), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        no                                     | it is no JSON
        {}                                     | it is no object with a token or a domain
        {"token": "a/b", "answer": "a"}        | it is no token with its answer
        []                                     | it is no object
        {"domain": "127.0.0.1", "answer": "a"} | it is no object with a token or a domain
        {"domain": "a.example", "answer": "AAAA"} | it is no digest
        {"token": "", "answer": "a"}           | it is no token with its answer
        {"token": "a", "answer": "a\\r\\nb"}   | it is no token with its answer
        """)
    void questionsAreChecked(String question, String text) {
        assertEquals(text, assertThrows(IllegalArgumentException.class, () ->
            new AcmeFilterFactory().answer(question)).getMessage());
    }

    @Test
    void aDomainIsProvenByAHandshake() throws Exception {
        AcmeFilterFactory factory = new AcmeFilterFactory();
        assertEquals("acme-tls/1", factory.protocol());
        assertFalse(factory.isAwake());
        byte[] digest = new byte[32];
        digest[31] = 7;
        factory.answer("{\"domain\": \"a.example\", \"answer\": \"" + Base64.getUrlEncoder().encodeToString(digest)
            + "\"}");
        assertTrue(factory.isAwake());
        assertTrue(factory.certificate("b.example").isEmpty());
        X509Certificate leaf = factory.certificate("a.example").orElseThrow().leaf();
        assertEquals(List.of(List.of(2, "a.example")), List.copyOf(leaf.getSubjectAlternativeNames()));
        assertEquals(Set.of("1.3.6.1.5.5.7.1.31"), leaf.getCriticalExtensionOIDs());
        assertEquals("04220420" + HexFormat.of().formatHex(digest), HexFormat.of().formatHex(
            leaf.getExtensionValue("1.3.6.1.5.5.7.1.31")));
        leaf.verify(leaf.getPublicKey());
        factory.answer("{\"domain\": \"a.example\"}");
        assertFalse(factory.isAwake());
    }

    @Test
    void tokensAreForgottenAndBounded() {
        AtomicLong now = new AtomicLong();
        Tokens<String> tokens = new Tokens<>(now::get);
        for (int i = 0; i < Tokens.MOST; i++) {
            tokens.put("t" + i, Optional.of("a"));
        }
        assertEquals("there are too many tokens", assertThrows(IllegalArgumentException.class, () ->
            tokens.put("one", Optional.of("a"))).getMessage());
        now.set(Tokens.LIFE_NANOS + 1);
        assertTrue(tokens.get("t1").isEmpty());
        tokens.put("one", Optional.of("a"));
        assertEquals(1, tokens.size());
    }
}
