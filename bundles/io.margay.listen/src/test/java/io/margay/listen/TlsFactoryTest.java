// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.certificate.BundleException;
import io.margay.certificate.CertificateBundle;
import io.margay.testing.Await;
import io.netty.buffer.ByteBufAllocator;
import io.netty.util.ReferenceCountUtil;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What listeners make of certificates, and what that leaves behind. */
class TlsFactoryTest {
    @TempDir
    private Path directory;
    private final TlsFactory factory = new TlsFactory((level, text) -> { });

    private TlsService create(int bits) throws Exception {
        Process process = new ProcessBuilder("openssl", "req", "-x509", "-nodes", "-days", "9", "-subj", "/CN=x",
            "-keyout", "key", "-out", "crt", "-newkey", "rsa:" + bits).directory(directory.toFile())
            .redirectErrorStream(true).redirectOutput(new File("/dev/null")).start();
        assertTrue(process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0);
        CertificateBundle bundle = CertificateBundle.parse((Files.readString(directory.resolve("crt"))
            + Files.readString(directory.resolve("key"))).getBytes(StandardCharsets.UTF_8));
        return factory.create(new TlsOptions(List.of("a"), Map.of(), 10, 300, true, List.of(),
            Optional.empty(), Optional.empty()), new TlsMaterial(List.of(bundle), List.of(), List.of("http/1.1")));
    }

    @Test
    void aKeyThatNoHandshakeCanUseIsRefused() {
        BundleException refused = assertThrows(BundleException.class, () -> create(512));
        assertEquals("The RSA key has 512 bits; no handshake can use one of less than 1024.", refused.getMessage());
    }

    /** Everything open but jars, which classes come from. */
    private static List<String> descriptors() {
        String[] numbers = new File("/proc/self/fd").list();
        return Arrays.stream(numbers == null ? new String[0] : numbers).map(number -> {
            try {
                return Files.readSymbolicLink(Path.of("/proc/self/fd", number)).toString();
            } catch (IOException e) {
                return "/proc";
            }
        }).filter(open -> !open.endsWith(".jar") && !open.startsWith("/proc")).sorted().toList();
    }

    @Test
    void theTlsLibraryLeavesNothingOpen() throws Exception {
        List<String> before = descriptors();
        TlsService service = create(2048);
        ReferenceCountUtil.release(service.handler("x", ByteBufAllocator.DEFAULT).engine());
        service.retire();
        // What was open before may be closed meanwhile: sockets of other tests are, by their loops.
        Await.until("nothing more is open than before", () -> {
            List<String> more = new ArrayList<>(descriptors());
            before.forEach(more::remove);
            return more.isEmpty();
        });
    }
}
