// SPDX-License-Identifier: Apache-2.0
package io.margay.certificate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Questions and answers, as openssl's responder understands and makes them. */
class OcspTest {

    @TempDir
    private static Path directory;
    private static OpenSsl ssl;

    @BeforeAll
    static void make() throws Exception {
        ssl = new OpenSsl(directory);
        for (String name : new String[] {"ca", "other"}) {
            ssl.run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=" + name
                + " -keyout " + name + ".key -out " + name + ".crt");
        }
        Files.writeString(directory.resolve("ext"), """
            [leaf]
            authorityInfoAccess=caIssuers;URI:http://ca.test/,OCSP;URI:http://ocsp.test/path
            [delegate]
            extendedKeyUsage=OCSPSigning
            [impostor]
            extendedKeyUsage=serverAuth
            """);
        issue("good", "leaf", 16);
        issue("bad", "leaf", 300);
        issue("strange", "leaf", 18);
        issue("delegate", "delegate", 19);
        issue("impostor", "impostor", 20);
        Files.writeString(directory.resolve("index.txt"), "V\t350101000000Z\t\t10\tunknown\t/CN=good\n"
            + "R\t350101000000Z\t250101000000Z\t012C\tunknown\t/CN=bad\n");
        for (String name : new String[] {"good", "bad", "strange"}) {
            Files.write(directory.resolve(name + ".req"), Ocsp.request(certificate(name), certificate("ca")));
        }
    }

    private static void issue(String name, String extensions, int serial) throws Exception {
        ssl.run("ecparam -name prime256v1 -genkey -noout -out " + name + ".key");
        ssl.run("req -new -key " + name + ".key -subj /CN=" + name + " -out " + name + ".csr");
        ssl.run("x509 -req -in " + name + ".csr -CA ca.crt -CAkey ca.key -set_serial " + serial
            + " -days 30 -extfile ext -extensions " + extensions + " -out " + name + ".crt");
    }

    private static X509Certificate certificate(String name) throws Exception {
        try (InputStream in = Files.newInputStream(directory.resolve(name + ".crt"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private static byte[] answer(String name, String signer) throws Exception {
        ssl.run("ocsp -index index.txt -CA ca.crt -rsigner " + signer + ".crt -rkey " + signer + ".key -reqin " + name
            + ".req -respout answer -ndays 3");
        return Files.readAllBytes(directory.resolve("answer"));
    }

    @ParameterizedTest
    @CsvSource({"good,ca,GOOD", "bad,ca,REVOKED", "strange,ca,UNKNOWN", "good,delegate,GOOD"})
    void answers(String name, String signer, Ocsp.Status status) throws Exception {
        Ocsp said = Ocsp.read(answer(name, signer), certificate(name), certificate("ca"));
        assertEquals(status, said.status());
        assertEquals(3 * 24 * 3600, said.until().orElseThrow().getEpochSecond() - said.since().getEpochSecond());
    }

    @Test
    void answersThatAreNotToBeBelieved() throws Exception {
        for (String signer : new String[] {"other", "impostor"}) {
            assertEquals("The answer is signed by nobody who may.", refused(answer("good", signer), "good"));
        }
        assertEquals("The answer is not of this certificate.", refused(answer("good", "ca"), "bad"));
        assertEquals("The responder has refused to answer, 6.", refused(new byte[] {0x30, 3, 0x0A, 1, 6}, "good"));
        assertEquals("The content of a PEM block is malformed.", refused(new byte[] {0x30, 3, 0x0A, 1}, "good"));
    }

    private static String refused(byte[] answer, String name) {
        return assertThrows(BundleException.class, () ->
            Ocsp.read(answer, certificate(name), certificate("ca"))).getMessage();
    }

    @Test
    void noChangeOfAnAnswerIsBelieved() throws Exception {
        byte[] answer = answer("bad", "ca");
        Random random = new Random(5);
        int refused = 0;
        for (int i = 0; i < 1000; i++) {
            byte[] changed = answer.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
            try {
                assertEquals(Ocsp.Status.REVOKED, Ocsp.read(changed, certificate("bad"), certificate("ca")).status());
            } catch (BundleException e) {
                refused++;
            }
        }
        // What the responder sends along to identify itself need not be good.
        assertTrue(refused > 300, "refused " + refused);
    }

    @Test
    void theResponderStandsInTheCertificate() throws Exception {
        assertEquals(Optional.of("http://ocsp.test/path"), Ocsp.responder(certificate("good")));
        assertEquals(Optional.empty(), Ocsp.responder(certificate("delegate")));
    }
}
