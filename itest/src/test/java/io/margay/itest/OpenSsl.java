// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Keys and certificates made as administrators make them, in one directory; and openssl as a client. */
final class OpenSsl {
    private final Path directory;

    OpenSsl(Path directory) {
        this.directory = directory;
    }

    /** Runs a command of words in the directory; {@return what it printed} */
    String run(String... words) throws Exception {
        List<String> command = new ArrayList<>(List.of(words));
        command.addFirst("openssl");
        Distribution.Result result = Distribution.run(directory, Map.of(), command.toArray(String[]::new));
        if (result.code() != 0) {
            throw new AssertionError(command + "\n" + result.err());
        }
        return result.out();
    }

    /** The same with words between blanks. */
    String words(String command) throws Exception {
        return run(command.split(" "));
    }

    /** Makes {@code NAME.key} and a certificate {@code NAME.crt} for {@code NAME.example}, signed by itself. */
    void selfSigned(String name, String... algorithm) throws Exception {
        List<String> command = new ArrayList<>(List.of("req", "-x509", "-nodes", "-days", "30", "-subj",
            "/C=DE/ST=Bayern/L=Weiden/O=Margay/OU=Tests/CN=" + name + ".example", "-addext",
            "subjectAltName=DNS:" + name + ".example,DNS:*." + name + ".example,IP:127.0.0.1", "-keyout",
            name + ".key", "-out", name + ".crt", "-newkey"));
        command.addAll(List.of(algorithm));
        run(command.toArray(String[]::new));
    }

    /** {@return the files of these names one after the other} */
    String join(String... names) throws IOException {
        StringBuilder all = new StringBuilder();
        for (String name : names) {
            all.append(Files.readString(directory.resolve(name)));
        }
        return all.toString();
    }

    /** {@return what a handshake with a local port shows} */
    Distribution.Result connect(int port, String... options) throws Exception {
        List<String> command = new ArrayList<>(List.of("openssl", "s_client", "-connect", "127.0.0.1:" + port));
        command.addAll(List.of(options));
        return Distribution.run(directory, Map.of(), command.toArray(String[]::new));
    }

    /** {@return the common name of the certificate that a client gets} */
    String subject(int port, String... options) throws Exception {
        Distribution.Result result = connect(port, options);
        return result.out().lines().filter(line -> line.startsWith("subject=")).findFirst()
            .map(line -> line.substring(line.lastIndexOf("CN = ") + 5))
            .orElseThrow(() -> new AssertionError(result.out() + result.err()));
    }
}
