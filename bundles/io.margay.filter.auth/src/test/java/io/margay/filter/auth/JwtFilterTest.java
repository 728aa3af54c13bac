// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.log.Complaints;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import io.margay.route.RouteException;
import io.margay.testing.RouteSite;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The option {@code auth_jwt}. */
class JwtFilterTest {
    private static final long NOW = System.currentTimeMillis() / 1000;
    private static final String CLAIMS = "{'sub': 'ann', 'exp': " + (NOW + 3600) + "}";

    private static KeyPair rsa;
    private static KeyPair p256;

    @TempDir
    private Path directory;

    @BeforeAll
    static void keys() throws GeneralSecurityException {
        rsa = Signer.pair("RSA2048");
        p256 = Signer.pair("P-256");
    }

    private static String site(String keys, String more) {
        return "{'tell': 200, 'auth_jwt': {'keys': {'keys': [" + keys + "]}" + more + "}}";
    }

    private static String ask(RouteSite site, String token, String... fields) {
        List<String> all = new ArrayList<>(List.of(fields));
        all.add("Authorization: Bearer " + token + "\r\n");
        return site.ask("GET", "/", all.toArray(String[]::new));
    }

    private static String status(String answer) {
        return answer.substring(9, 12);
    }

    /** A token by the key P-256, and what it is answered with. */
    private static String judged(String more, String header, String claims) throws GeneralSecurityException {
        return status(ask(AuthSite.of(site(Signer.jwk(p256, ", 'kid': 'one'"), more)), Signer.token("ES256",
            p256.getPrivate(), header, claims)));
    }

    @ParameterizedTest
    @CsvSource({"RS256, RSA2048", "RS384, RSA2048", "RS512, RSA2048", "PS256, RSA2048", "PS384, RSA2048",
        "PS512, RSA2048", "ES256, P-256", "ES384, P-384", "ES512, P-521", "EdDSA, Ed25519", "EdDSA, Ed448"})
    void algorithms(String algorithm, String kind) throws GeneralSecurityException {
        KeyPair pair = kind.equals("RSA2048") ? rsa : Signer.pair(kind);
        RouteSite site = AuthSite.of(site(Signer.jwk(pair, ""), ", 'headers': {'X-User': 'sub'}"));
        String token = Signer.token(algorithm, pair.getPrivate(), "{'alg': '" + algorithm + "'}", CLAIMS);
        String answer = ask(site, token, "X-User: root\r\n", "X_USER: root\r\n");
        assertEquals("200", status(answer), answer);
        assertTrue(answer.contains("\nX-User=ann\n") && !answer.contains("root"), answer);
        int dot = token.lastIndexOf('.');
        String other = token.substring(0, dot + 3) + (token.charAt(dot + 3) == 'A' ? 'B' : 'A')
            + token.substring(dot + 4);
        for (String bad : List.of(other, token.substring(0, dot + 1), token.substring(0, token.length() - 4),
                token.substring(0, dot), "." + token, token + ".", token + "=", token.replace('.', ' '))) {
            String refused = ask(site, bad);
            assertEquals("401", status(refused), bad);
            assertEquals("Bearer realm=\"Restricted\", error=\"invalid_token\"",
                AuthSite.field(refused, "WWW-Authenticate"));
        }
        String changed = Signer.text("{'alg': '" + algorithm + "'}") + "." + Signer.text(CLAIMS.replace("ann", "eve"))
            + token.substring(dot);
        assertEquals("401", status(ask(site, changed)));
    }

    @ParameterizedTest
    @CsvSource({"HS256", "HS384", "HS512"})
    void secrets(String algorithm) throws GeneralSecurityException {
        String token = Signer.token(algorithm, Signer.SECRET, "{'alg': '" + algorithm + "'}", CLAIMS);
        String key = Signer.secret(Signer.SECRET, "");
        String named = ", 'algorithms': '" + algorithm + "'";
        assertEquals("200", status(ask(AuthSite.of(site(key, named)), token)));
        assertEquals("401", status(ask(AuthSite.of(site(key, "")), token)), "they are to be named");
        byte[] another = Signer.SECRET.clone();
        another[0]++;
        assertEquals("401", status(ask(AuthSite.of(site(Signer.secret(another, ""), named)), token)));
        byte[] weak = new byte[Integer.parseInt(algorithm.substring(2)) / 8 - 1];
        assertEquals("401", status(ask(AuthSite.of(site(Signer.secret(weak, ""), named)), Signer.token(algorithm, weak,
            "{'alg': '" + algorithm + "'}", CLAIMS))));
    }

    /** What is public is no secret, and what says that it is not signed is not (RFC 8725 §2.1). */
    @Test
    void keysAreOfOneKind() throws GeneralSecurityException {
        String keys = Signer.jwk(rsa, "") + ", " + Signer.jwk(p256, "");
        for (String named : List.of("", ", 'algorithms': 'HS256'", ", 'algorithms': 'RS256'")) {
            RouteSite site = AuthSite.of(site(keys, named));
            for (String alg : List.of("none", "None", "NONE", "", "hs256", "RS256 ", "RS1")) {
                String unsigned = Signer.text("{'alg': '" + alg + "'}") + "." + Signer.text(CLAIMS) + ".";
                assertEquals("401", status(ask(site, unsigned)), alg);
                assertEquals("401", status(ask(site, unsigned + "AAAA")), alg);
            }
            assertEquals("401", status(ask(site, Signer.token("HS256", rsa.getPublic().getEncoded(), "{'alg': 'HS256'}",
                CLAIMS))));
        }
        RouteSite site = AuthSite.of(site(Signer.jwk(rsa, ", 'alg': 'PS256'"), ""));
        assertEquals("200", status(ask(site, Signer.token("PS256", rsa.getPrivate(), "{'alg': 'PS256'}", CLAIMS))));
        assertEquals("401", status(ask(site, Signer.token("RS256", rsa.getPrivate(), "{'alg': 'RS256'}", CLAIMS))));
        assertEquals("401", status(ask(AuthSite.of(site(keys, ", 'algorithms': 'RS512'")), Signer.token("RS256",
            rsa.getPrivate(), "{'alg': 'RS256'}", CLAIMS))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        {'alg': 'ES256'}                              | 200
        {'alg': 'ES256', 'kid': 'one', 'typ': 'JWT'}  | 200
        {'alg': 'ES256', 'kid': 'two'}                | 401
        {'alg': 'ES256', 'kid': 1}                    | 401
        {'alg': 'ES256', 'crit': ['exp']}             | 401
        {'alg': 'ES256', 'alg': 'ES256'}              | 401
        {'alg': 'ES384'}                              | 401
        {'alg': ['ES256']}                            | 401
        {}                                            | 401
        []                                            | 401
        x                                             | 401
        """, quoteCharacter = '`')
    void headers(String header, String status) throws GeneralSecurityException {
        assertEquals(status, judged("", header, CLAIMS));
    }

    /** Times are seconds from now, in the form @N. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                                   | {'exp': @60}                          | 200
                                   | {'exp': @-20}                         | 200
                                   | {'exp': @-40}                         | 401
        , 'leeway': 0              | {'exp': @-2}                          | 401
        , 'leeway': 600            | {'exp': @-500}                        | 200
                                   | {'exp': '@60'}                        | 401
                                   | {'exp': null}                         | 401
                                   | {}                                    | 401
        , 'require_exp': false     | {}                                    | 200
        , 'require_exp': false     | {'exp': @-100}                        | 401
                                   | {'exp': @60, 'nbf': @20}              | 200
                                   | {'exp': @900, 'nbf': @90}             | 401
                                   | {'exp': @60, 'nbf': 'x'}              | 401
        , 'issuer': 'a'            | {'exp': @60, 'iss': 'a'}              | 200
        , 'issuer': ['b', 'a']     | {'exp': @60, 'iss': 'a'}              | 200
        , 'issuer': 'a'            | {'exp': @60, 'iss': 'A'}              | 401
        , 'issuer': 'a'            | {'exp': @60, 'iss': ['a']}            | 401
        , 'issuer': 'a'            | {'exp': @60}                          | 401
        , 'audience': 'a'          | {'exp': @60, 'aud': 'a'}              | 200
        , 'audience': ['b', 'a']   | {'exp': @60, 'aud': ['c', 'a']}       | 200
        , 'audience': 'a'          | {'exp': @60, 'aud': 'b'}              | 401
        , 'audience': 'a'          | {'exp': @60, 'aud': []}               | 401
        , 'audience': 'a'          | {'exp': @60}                          | 401
                                   | [1]                                   | 401
                                   | {'exp': @60, 'exp': @60}              | 401
        """, quoteCharacter = '`')
    void claims(String more, String claims, String status) throws GeneralSecurityException {
        String text = claims;
        for (int at = text.indexOf('@'); at >= 0; at = text.indexOf('@')) {
            int end = at + 1;
            while (end < text.length() && (text.charAt(end) == '-' || Character.isDigit(text.charAt(end)))) {
                end++;
            }
            text = text.substring(0, at) + (System.currentTimeMillis() / 1000 + Long.parseLong(text.substring(at + 1,
                end))) + text.substring(end);
        }
        assertEquals(status, judged(more == null ? "" : more, "{'alg': 'ES256'}", text));
    }

    @Test
    void claimsAsFields() throws GeneralSecurityException {
        RouteSite site = AuthSite.of(site(Signer.jwk(p256, ""), ", 'headers': {'X-A': 'a', 'X-B': 'b', 'X-C': 'c'}"));
        String answer = ask(site, Signer.token("ES256", p256.getPrivate(), "{'alg': 'ES256'}", "{'exp': " + (NOW + 99)
            + ", 'a': 12.5, 'b': true, 'c': ['x']}"), "X-C: from the client\r\n");
        assertTrue(answer.contains("\nX-A=12.5\nX-B=true\n") && !answer.contains("X-C"), answer);
        assertEquals("401", status(ask(site, Signer.token("ES256", p256.getPrivate(), "{'alg': 'ES256'}", "{'exp': "
            + (NOW + 99) + ", 'a': 'x\\r\\nX-B: y'}"))), "a claim ends no line");
    }

    @Test
    void whereTheTokenIs() throws GeneralSecurityException {
        String token = Signer.token("ES256", p256.getPrivate(), "{'alg': 'ES256'}", CLAIMS);
        RouteSite site = AuthSite.of(site(Signer.jwk(p256, ""), ", 'token': '$cookie_t', 'realm': 'api'"));
        assertEquals("200", status(site.ask("GET", "/", "Cookie: a=b; t=" + token + "\r\n")));
        String missing = ask(site, token);
        assertEquals("401", status(missing));
        assertEquals("Bearer realm=\"api\"", AuthSite.field(missing, "WWW-Authenticate"));
    }

    /** They are not known for longer than they are good, nor than the key is there. */
    @Test
    void signaturesAreCheckedOnce() throws GeneralSecurityException {
        AtomicInteger checks = new AtomicInteger();
        RouteSite site = AuthSite.of(site(Signer.jwk(p256, ""), ""), work -> {
            checks.incrementAndGet();
            work.run();
        }, Runnable::run);
        String token = Signer.token("ES256", p256.getPrivate(), "{'alg': 'ES256'}", CLAIMS);
        for (int i = 0; i < 3; i++) {
            assertEquals("200", status(ask(site, token)));
        }
        assertEquals(1, checks.get());
        assertFalse(new ClaimRules.Holder(0, 10, Map.of()).isGood(10));
        assertTrue(new ClaimRules.Holder(0, 10, Map.of()).isGood(9));
    }

    /** Keys that come are found by the first token that names one; until there are any nobody can be judged. */
    @Test
    void keysThatChange() throws GeneralSecurityException {
        List<TokenKeys> published = new ArrayList<>();
        Source<TokenKeys> source = new Source<>("keys", Optional.empty(), 1, () -> {
            if (published.isEmpty()) {
                throw new IOException("none");
            }
            return Optional.of(published.getLast());
        }, Runnable::run, (level, text) -> { });
        RouteSite site = AuthSite.of(new FilterFactory() {
            @Override
            public String option() {
                return "changing";
            }

            @Override
            public int order() {
                return 1;
            }

            @Override
            public Filter compile(Conf value, RouteCompiler compiler) {
                Challenge challenge = new Challenge(AsciiString.of("Bearer"));
                return new JwtFilter(source, Algorithm.open(), new ClaimRules(List.of(), List.of(), 0, false, Map.of()),
                    Optional.empty(), challenge, challenge, new AuthWorkers(Runnable::run, Runnable::run,
                    Runnable::run), new Complaints(text -> { }));
            }
        }, "{'tell': 200, 'changing': true}");
        String one = Signer.token("ES256", p256.getPrivate(), "{'alg': 'ES256', 'kid': '1'}", CLAIMS);
        String two = Signer.token("RS256", rsa.getPrivate(), "{'alg': 'RS256', 'kid': '2'}", CLAIMS);
        assertEquals("503", status(ask(site, one)));
        published.add(TokenKeys.of(RouteSite.conf("{'keys': [" + Signer.jwk(p256, ", 'kid': '1'") + "]}")));
        assertEquals("200", status(ask(site, one)));
        assertEquals("401", status(ask(site, two)));
        published.add(TokenKeys.of(RouteSite.conf("{'keys': [" + Signer.jwk(rsa, ", 'kid': '2'") + "]}")));
        assertEquals("200", status(ask(site, two)));
        assertEquals("401", status(ask(site, one)), "its key was withdrawn");
    }

    @Test
    void filesOfKeys() throws IOException, GeneralSecurityException {
        Path file = directory.resolve("keys.json");
        Files.writeString(file, ("{'keys': [" + Signer.jwk(rsa, ", 'use': 'enc'") + ", {'kty': 'new'}, "
            + Signer.jwk(p256, ", 'key_ops': ['verify'], 'use': 'sig'") + "]}").replace('\'', '"'));
        RouteSite site = AuthSite.of("{'tell': 200, 'auth_jwt': {'keys_file': '" + file + "'}}");
        assertEquals("200", status(ask(site, Signer.token("ES256", p256.getPrivate(), "{'alg': 'ES256'}", CLAIMS))));
        assertEquals("401", status(ask(site, Signer.token("RS256", rsa.getPrivate(), "{'alg': 'RS256'}", CLAIMS))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
        'issuer': 'x'                                         |             | must have just one of
        'keys': {'keys': []}, 'keys_file': '/a'               |             | must have just one of
        'keys': {}                                            | /keys       | has no array "keys"
        'keys': {'keys': []}                                  | /keys       | has no key for signatures
        'keys': {'keys': [1]}                                 | /keys       | a key is no object
        'keys': {'keys': [{'kty': 'RSA', 'n': 'AQAB', 'e': 'AQAB'}]} | /keys | has 17 bits
        'keys': {'keys': [{'kty': 'RSA', 'e': 'AQAB'}]}       | /keys       | has no "n"
        'keys': {'keys': [{'kty': 'EC', 'crv': 'P-256', 'x': '%', 'y': 'A'}]} | /keys | is invalid
        'keys': {'keys': [{'kty': 'EC', 'crv': 'P-256', 'x': 'AA', 'y': 'AA'}]} | /keys | a key is no point of P-256
        'keys': {'keys': [{'kty': 'OKP', 'crv': 'Ed25519', 'x': 'AQAB'}]} | /keys | has 3 bytes
        'keys_file': '/does/not/exist'                        | /keys_file  | cannot be read
        'keys_url': 'ftp://a/b'                               | /keys_url   | must be a URL
        'keys_url': 'http://u:p@a/b'                          | /keys_url   | must be a URL
        'keys_url': 'http://a b'                              | /keys_url   | is not a valid URL
        'keys_url': 'https://a/b', 'tls': {}                  | /tls        | with the name of a certificate as "ca"
        'keys_url': 'https://a/b', 'tls': {'ca': 1}           | /tls        | with the name of a certificate as "ca"
        KEYS, 'tls': {'ca': 'x'}                              | /tls        | is only of use beside
        KEYS, 'algorithms': 'none'                            | /algorithms | "none" is not known
        KEYS, 'algorithms': ['RS256', 'rs256']                | /algorithms/1 | "rs256" is not known
        KEYS, 'algorithms': ['RS256', 'HS256']                | /algorithms/1 | must not be mixed
        KEYS, 'algorithms': []                                | /algorithms | must not be empty
        KEYS, 'leeway': 601                                   | /leeway     | from 0 to 600
        KEYS, 'require_exp': 1                                | /require_exp | must be a boolean
        KEYS, 'token': '$nothing'                             | /token      | Unknown variable
        KEYS, 'headers': []                                   | /headers    | must be an object
        KEYS, 'headers': {'Host': 'sub'}                      | /headers/Host | is invalid
        KEYS, 'headers': {'X': ''}                            | /headers/X  | must be a string
        KEYS, 'issuer': [1]                                   | /issuer/0   | must contain only strings
        KEYS, 'jwks': {}                                      | /jwks       | Unknown parameter "jwks".
        """, quoteCharacter = '`')
    void faults(String options, String pointer, String text) {
        String action = "{'tell': 200, 'auth_jwt': {" + options.replace("KEYS", "'keys': {'keys': ["
            + Signer.jwk(p256, "") + "]}") + "}}";
        RouteException told = assertThrows(RouteException.class, () -> AuthSite.of(action));
        assertEquals("/routes/0/action/auth_jwt" + (pointer == null ? "" : pointer), told.pointer());
        assertTrue(told.getMessage().contains(text), told.getMessage());
    }
}
