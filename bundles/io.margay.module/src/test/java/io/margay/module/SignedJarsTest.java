// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.margay.testing.TestAuthority;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import jdk.security.jarsigner.JarSigner;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Jars with and without the signature that the control policy asks for. */
class SignedJarsTest {
    @TempDir
    private Path base;
    @TempDir
    private Path keys;
    private ModuleStage stage;
    private TestAuthority authority;

    @BeforeEach
    void start() throws Exception {
        authority = TestAuthority.root(keys, "vendor");
        authority.issue("known", "client", 2);
        authority.issue("other", "client", 2);
        stage = new ModuleStage(base, new ModulePolicy(Optional.empty(), List.of(certificate("known")),
            Optional.empty()));
        stage.begin();
    }

    @AfterEach
    void stop() {
        stage.close();
    }

    private X509Certificate certificate(String name) throws Exception {
        try (InputStream in = Files.newInputStream(keys.resolve(name + ".crt"))) {
            return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(in);
        }
    }

    private byte[] signed(String name, byte[] jar) throws Exception {
        authority.openssl("pkcs8", "-topk8", "-nocrypt", "-in", name + ".key", "-outform", "DER", "-out",
            name + ".der");
        PrivateKey key = KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(
            Files.readAllBytes(keys.resolve(name + ".der"))));
        Path plain = Files.write(keys.resolve("plain.jar"), jar);
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipFile file = new ZipFile(plain.toFile())) {
            new JarSigner.Builder(key, CertificateFactory.getInstance("X.509").generateCertPath(
                List.of(certificate(name)))).build().sign(file, out);
        }
        return out.toByteArray();
    }

    /** The jar with its class changed, which no signer has seen. */
    private static byte[] forged(byte[] jar) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(jar));
                ZipOutputStream copy = new ZipOutputStream(out)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                byte[] content = in.readAllBytes();
                if (entry.getName().endsWith("TestExtension.class")) {
                    content[content.length - 1] ^= 1;
                }
                copy.putNextEntry(new ZipEntry(entry.getName()));
                copy.write(content);
            }
        }
        return out.toByteArray();
    }

    private void refused(String file, byte[] jar, String reason) {
        Jars.put(stage.directory, file, jar);
        stage.awaitLine(file + "\" is not used: " + reason);
        assertEquals("[good 1.0.0]", current());
    }

    private String current() {
        return stage.call(() -> stage.modules.current().stream().map(module -> module.name() + " " + module.version())
            .toList()).toString();
    }

    @Test
    void onlyWhatSomebodyTrustedHasSignedWholeIsUsed() throws Exception {
        Jars.put(stage.directory, "good.jar", signed("known", Jars.jar("good", "1.0.0")));
        stage.await("it is used", () -> current().equals("[good 1.0.0]"));
        byte[] next = Jars.jar("good", "1.1.0");
        refused("plain.jar", next, "its entry \"");
        refused("stranger.jar", signed("other", next), "its entry \"");
        refused("changed.jar", forged(signed("known", next)), "its signature is not good: ");
        refused("larger.jar", Jars.with(signed("known", next), "more.txt"), "its entry \"more.txt\" is not signed by "
            + "anybody whom the control policy names (\"/modules/signers\")");
        Jars.put(stage.directory, "good.jar", signed("known", next));
        stage.await("the next one is used", () -> current().equals("[good 1.1.0]"));
    }
}
