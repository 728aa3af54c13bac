// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Bundles made with openssl, which the build needs anyway. */
class CertificateBundleTest {

    @TempDir
    private static Path directory;
    private static OpenSsl ssl;

    @BeforeAll
    static void make() throws Exception {
        ssl = new OpenSsl(directory);
        ssl.run("genrsa -out rsa.key 2048");
        ssl.run("rsa -in rsa.key -traditional -out rsa1.key");
        ssl.run("genrsa -out other.key 2048");
        ssl.run("ecparam -name prime256v1 -genkey -out ec.key");
        ssl.run("ecparam -name prime256v1 -genkey -noout -out ec1.key");
        ssl.run("pkcs8 -topk8 -nocrypt -in ec.key -out ec8.key");
        ssl.run("ec -in ec.key -no_public -out ecshort.key");
        ssl.run("genpkey -algorithm ED25519 -out ed.key");
        ssl.run("rsa -in rsa.key -aes128 -passout pass:secret -traditional -out rsalocked.key");
        ssl.run("pkcs8 -topk8 -in rsa.key -passout pass:secret -out locked.key");
        for (String name : new String[] {"rsa", "ec", "ec1", "ed"}) {
            ssl.run("req -new -x509 -days 30 -key " + name + ".key -out " + name + ".crt -subj "
                + "/C=DE/ST=Bayern/L=Weiden/O=Margay/OU=Tests/CN=" + name + ".example "
                + "-addext subjectAltName=DNS:A." + name + ".example,IP:127.0.0.1,DNS:*.b.example");
        }
        ssl.run("req -new -x509 -days 30 -key rsa.key -out plain.crt -subj /CN=Plain.example");
        ssl.run("x509 -in rsa.crt -trustout -addtrust serverAuth -out trusted.crt");
        ssl.run("ecparam -name prime256v1 -out curve.pem");
        ssl.run("req -new -key rsa.key -subj /CN=x -out request.csr");
    }

    @ParameterizedTest
    @CsvSource({
        "rsa.crt rsa.key,1,RSA", "rsa.key rsa.crt,1,RSA", "rsa.crt rsa1.key,1,RSA", "ec.crt ec.key,1,EC",
        "ec1.crt ec1.key,1,EC", "ec.crt ec8.key,1,EC", "ec.crt curve.pem ecshort.key,1,EC",
        "ed.crt ed.key,1,EdDSA", "rsa.crt ec.crt plain.crt rsa.key,3,RSA", "trusted.crt rsa.key,1,RSA",
    })
    void accepted(String files, int chain, String algorithm) throws Exception {
        CertificateBundle bundle = CertificateBundle.parse(ssl.join(files.split(" ")));
        assertEquals(chain, bundle.chain().size());
        assertEquals(algorithm, bundle.key().getAlgorithm());
    }

    @ParameterizedTest
    @CsvSource({
        "rsa.crt,No private key found in the bundle.", "rsa.key,No certificates found in the bundle.",
        "rsa.crt rsa.key other.key,The bundle has several private keys; it must have exactly one.",
        "rsa.crt rsa.key rsa.key,The bundle has several private keys; it must have exactly one.",
        "rsa.crt other.key,The private key does not fit the first certificate.",
        "rsa.crt ec.key,The private key does not fit the first certificate.",
        "ec.crt ec1.key,The private key does not fit the first certificate.",
        "ec.crt rsa.key,The private key does not fit the first certificate.",
        "ed.crt ec.key,The private key does not fit the first certificate.",
        "ec.crt ed.key,The private key does not fit the first certificate.",
        "rsa.crt locked.key,The private key is encrypted; only keys without a pass phrase can be used.",
        "rsa.crt rsalocked.key,The private key is encrypted; only keys without a pass phrase can be used.",
        "rsa.crt rsa.key request.csr,'Unsupported PEM type: \"CERTIFICATE REQUEST\".'",
    })
    void refused(String files, String reason) throws Exception {
        byte[] pem = ssl.join(files.split(" "));
        assertEquals(reason, assertThrows(BundleException.class, () -> CertificateBundle.parse(pem)).getMessage());
    }

    @Test
    void textBetweenBlocksAndOtherLineEndsAreIgnored() throws Exception {
        String text = "subject=CN: x\n" + new String(ssl.join("rsa.crt"), StandardCharsets.UTF_8) + "Bag Attributes\n"
            + new String(ssl.join("rsa.key"), StandardCharsets.UTF_8);
        for (String end : List.of("\n", "\r\n", "\r", "  \n")) {
            assertEquals(1, CertificateBundle.parse(text.replace("\n", end).getBytes(StandardCharsets.UTF_8)).chain()
                .size());
        }
    }

    @Test
    void everyTruncationIsRefused() throws Exception {
        byte[] pem = ssl.join("rsa.crt", "rsa.key");
        // The last line may go without its end.
        for (int length = 0; length < pem.length - 1; length += 13) {
            byte[] part = Arrays.copyOf(pem, length);
            assertThrows(BundleException.class, () -> CertificateBundle.parse(part), "after " + length);
        }
    }

    @Test
    void brokenBytesNeverDoMoreThanRefuse() throws Exception {
        Random random = new Random(42);
        List<byte[]> samples = List.of(ssl.join("rsa.crt", "rsa1.key"), ssl.join("ec.crt", "ec.key"),
            ssl.join("ed.crt", "ed.key"));
        int refused = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] pem = samples.get(i % samples.size()).clone();
            for (int k = 0; k <= i % 3; k++) {
                pem[random.nextInt(pem.length)] = (byte) random.nextInt(256);
            }
            try {
                CertificateBundle.parse(pem);
            } catch (BundleException e) {
                refused++;
            }
        }
        assertTrue(refused > 500, "refused " + refused);
    }

    @Test
    void aBundleThatIsTooLong() {
        BundleException e = assertThrows(BundleException.class,
            () -> CertificateBundle.parse(new byte[CertificateBundle.MAX_SIZE + 1]));
        assertEquals("The bundle exceeds 1048576 bytes.", e.getMessage());
    }

    @Test
    void names() throws Exception {
        X509Certificate certificate = CertificateBundle.parse(ssl.join("ec.crt", "ec.key")).leaf();
        List<String> found = new ArrayList<>();
        for (CertificateNames.Attribute attribute : CertificateNames.Attribute.values()) {
            found.add(CertificateNames.attribute(certificate.getSubjectX500Principal(), attribute).orElse("-"));
        }
        assertEquals(List.of("ec.example", "DE", "Bayern", "Weiden", "Margay", "Tests"), found);
        assertEquals(List.of("A.ec.example", "*.b.example"), CertificateNames.alternativeNames(certificate));
        assertEquals(List.of(), CertificateNames.issuerAlternativeNames(certificate));
        assertEquals(List.of("a.ec.example", "*.b.example"), CertificateNames.serverNames(certificate));
        X509Certificate plain = CertificateBundle.parse(ssl.join("plain.crt", "rsa.key")).leaf();
        assertEquals(List.of("plain.example"), CertificateNames.serverNames(plain));
        assertEquals(Optional.empty(),
            CertificateNames.attribute(plain.getSubjectX500Principal(), CertificateNames.Attribute.COUNTRY));
    }
}
