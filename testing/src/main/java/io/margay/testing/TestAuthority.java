// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A certificate authority made with openssl, which the tests need anyway. Its files are in the directory of the test:
 * {@code NAME.key} and {@code NAME.crt} for each certificate. Keys are of P-256, which costs least.
 */
public final class TestAuthority {
    private static final String EXTENSIONS = """
        [authority]
        basicConstraints=critical,CA:TRUE
        keyUsage=critical,keyCertSign,cRLSign
        subjectKeyIdentifier=hash
        [client]
        basicConstraints=CA:FALSE
        keyUsage=critical,digitalSignature
        extendedKeyUsage=clientAuth
        [server]
        basicConstraints=CA:FALSE
        keyUsage=critical,digitalSignature
        extendedKeyUsage=serverAuth
        subjectAltName=DNS:server.example
        [responder]
        basicConstraints=CA:FALSE
        keyUsage=critical,digitalSignature
        extendedKeyUsage=OCSPSigning
        """;

    private final Path directory;
    private final String name;
    private final List<String> revoked = new ArrayList<>();
    private int serial = 1;

    private TestAuthority(Path directory, String name) {
        this.directory = directory;
        this.name = name;
    }

    /** An authority that has signed itself. */
    public static TestAuthority root(Path directory, String name) {
        TestAuthority authority = new TestAuthority(directory, name);
        authority.request(name);
        authority.openssl("x509", "-req", "-in", name + ".csr", "-signkey", name + ".key", "-days", "30", "-set_serial",
            "1", "-extfile", authority.extensions(), "-extensions", "authority", "-out", name + ".crt");
        return authority;
    }

    /** An authority that this one has signed. */
    public TestAuthority intermediate(String below) {
        issue(below, "authority", 30);
        return new TestAuthority(directory, below);
    }

    /**
     * Makes a key and a certificate for the subject {@code CN=NAME}.
     *
     * @param kind {@code authority}, {@code client}, {@code server} or {@code responder}
     * @param days for which it is valid; less than 0 for one that is not any more
     */
    public void issue(String subject, String kind, int days) {
        request(subject);
        serial++;
        openssl("x509", "-req", "-in", subject + ".csr", "-CA", name + ".crt", "-CAkey", name + ".key", "-set_serial",
            Integer.toString(serial), "-days", Integer.toString(days), "-extfile", extensions(), "-extensions", kind,
            "-out", subject + ".crt");
    }

    /** Revokes the certificate that was made last. */
    public void revoke() {
        revoked.add("R\t300101000000Z\t250101000000Z\t%02X\tunknown\t/CN=x%n".formatted(serial));
    }

    /**
     * Makes the list of what was revoked.
     *
     * @param file its name
     * @param until {@code YYMMDDHHMMSSZ}, when there must be another
     */
    public void list(String file, String until) {
        write("index.txt", String.join("", revoked));
        write("index.txt.attr", "");
        write("list.cnf", "[ca]\ndefault_ca=here\n[here]\ndatabase=index.txt\ndefault_md=sha256\n");
        openssl("ca", "-gencrl", "-config", "list.cnf", "-keyfile", name + ".key", "-cert", name + ".crt", "-out", file,
            "-crl_lastupdate", "250101000000Z", "-crl_nextupdate", until);
    }

    /** Files one after the other. */
    public String join(String... files) {
        StringBuilder all = new StringBuilder();
        for (String file : files) {
            try {
                all.append(Files.readString(directory.resolve(file)));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return all.toString();
    }

    private void request(String subject) {
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", subject + ".key");
        openssl("req", "-new", "-key", subject + ".key", "-subj", "/O=Margay/CN=" + subject, "-out", subject + ".csr");
    }

    private String extensions() {
        write("extensions.cnf", EXTENSIONS);
        return "extensions.cnf";
    }

    private void write(String file, String text) {
        try {
            Files.writeString(directory.resolve(file), text);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs a command in the directory, and fails with what it printed. */
    public void openssl(String... words) {
        List<String> command = new ArrayList<>(List.of(words));
        command.addFirst("openssl");
        File output = directory.resolve("output").toFile();
        try {
            Process process = new ProcessBuilder(command).directory(directory.toFile()).redirectErrorStream(true)
                .redirectInput(new File("/dev/null")).redirectOutput(output).start();
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError(command + "\n" + Files.readString(output.toPath()));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }
}
