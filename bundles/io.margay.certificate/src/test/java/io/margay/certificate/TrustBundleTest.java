// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Authorities without keys, and what they have revoked. */
class TrustBundleTest {

    @TempDir
    private static Path directory;
    private static OpenSsl ssl;

    @BeforeAll
    static void make() throws Exception {
        ssl = new OpenSsl(directory);
        for (String name : new String[] {"one", "two", "leaf", "plain"}) {
            ssl.run("ecparam -name prime256v1 -genkey -noout -out " + name + ".key");
            ssl.run("req -new -x509 -days 30 -key " + name + ".key -subj /CN=" + name + " -out " + name + ".crt"
                + switch (name) {
                    case "leaf" -> " -addext subjectAltName=DNS:leaf.example";
                    case "plain" -> "";
                    default -> " -addext keyUsage=critical,keyCertSign,cRLSign";
                });
        }
        // The same name with another key.
        ssl.run("ecparam -name prime256v1 -genkey -noout -out again.key");
        ssl.run("req -new -x509 -days 30 -key again.key -subj /CN=one -out again.crt "
            + "-addext keyUsage=critical,keyCertSign");
        Files.writeString(directory.resolve("index.txt"), "R\t300101000000Z\t250101000000Z\t07\tunknown\t/CN=x\n");
        Files.writeString(directory.resolve("index.txt.attr"), "");
        Files.writeString(directory.resolve("list.cnf"), """
            [ca]
            default_ca=here
            [here]
            database=index.txt
            default_md=sha256
            default_crl_days=30
            [part]
            issuingDistributionPoint=critical,@point
            [point]
            onlyuser=TRUE
            """);
        for (String name : new String[] {"one", "two", "plain"}) {
            ssl.run("ca -gencrl -config list.cnf -keyfile " + name + ".key -cert " + name + ".crt -out " + name
                + ".crl");
        }
        ssl.run("ca -gencrl -config list.cnf -crlexts part -keyfile one.key -cert one.crt -out part.crl");
    }

    @ParameterizedTest
    @CsvSource({"one.crt,1,0", "one.crt two.crt,2,0", "one.crt two.crt two.crl one.crl,2,2", "one.crl one.crt,1,1",
        "again.crt one.crt one.crl,2,1", "one.crt one.crl one.crl,1,1", "leaf.crt leaf.key,1,0",
        "plain.crt,1,0", "one.crt plain.crt plain.crl,2,1"})
    void accepted(String files, int authorities, int lists) throws Exception {
        byte[] pem = ssl.join(files.split(" "));
        TrustBundle bundle = TrustBundle.parse(pem);
        assertEquals(authorities, bundle.authorities().size());
        assertEquals(lists, bundle.revocations().size());
        assertEquals(bundle, TrustBundle.parse(pem));
        assertEquals(bundle.hashCode(), TrustBundle.parse(pem).hashCode());
        assertEquals(!files.contains(".key"), TrustBundle.isMeant(pem));
    }

    @ParameterizedTest
    @CsvSource({
        "leaf.crt,Certificate 1 of the bundle may not sign others (keyCertSign); without a private key there may be "
            + "authorities only.",
        "one.crt leaf.crt,Certificate 2 of the bundle may not sign others (keyCertSign); without a private key there "
            + "may be authorities only.",
        "one.crl,No certificates found in the bundle.",
        "one.crt two.crl,Revocation list 1 of the bundle was signed by none of its certificates.",
        "again.crt one.crl,Revocation list 1 of the bundle was signed by none of its certificates.",
        "one.crt part.crl,Revocation list 1 of the bundle is not a complete one of all certificates of its issuer.",
        "leaf.crt leaf.key one.crl,Unsupported PEM type: \"X509 CRL\".",
    })
    void refused(String files, String reason) throws Exception {
        byte[] pem = ssl.join(files.split(" "));
        assertEquals(reason, assertThrows(BundleException.class, () -> TrustBundle.parse(pem)).getMessage());
    }

    @Test
    void aListBelongsToTheKeyThatSignedIt() throws Exception {
        TrustBundle bundle = TrustBundle.parse(ssl.join("again.crt", "one.crt", "one.crl"));
        assertFalse(bundle.revocations(bundle.authorities().get(0)).isPresent());
        assertEquals(1, bundle.revocations(bundle.authorities().get(1)).orElseThrow().getRevokedCertificates().size());
        assertNotEquals(bundle, TrustBundle.parse(ssl.join("again.crt", "one.crt")));
    }

    @Test
    void whoHasNoKeyAndIsNoAuthorityMeansAnotherBundle() throws Exception {
        assertFalse(TrustBundle.isMeant(ssl.join("leaf.crt")), "the key is missing");
        assertFalse(TrustBundle.isMeant(ssl.join("one.crt", "leaf.crt")));
        assertFalse(TrustBundle.isMeant(new byte[0]));
        assertTrue(TrustBundle.isMeant(ssl.join("leaf.crt", "one.crl")));
    }

    @Test
    void brokenBytesNeverDoMoreThanRefuse() throws Exception {
        Random random = new Random(42);
        byte[] good = ssl.join("one.crt", "one.crl");
        int refused = 0;
        for (int i = 0; i < 500; i++) {
            byte[] pem = good.clone();
            for (int k = 0; k <= i % 3; k++) {
                pem[random.nextInt(pem.length)] = (byte) random.nextInt(256);
            }
            try {
                TrustBundle.isMeant(pem);
                TrustBundle.parse(pem);
            } catch (BundleException e) {
                refused++;
            }
        }
        assertTrue(refused > 200, "refused " + refused);
    }
}
