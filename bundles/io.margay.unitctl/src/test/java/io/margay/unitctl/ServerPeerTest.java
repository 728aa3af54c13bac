// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.margay.posix.Credentials;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import jnr.unixsocket.UnixServerSocketChannel;
import jnr.unixsocket.UnixSocketAddress;
import jnr.unixsocket.UnixSocketChannel;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(30)
class ServerPeerTest {
    private static final int SELF = 1000;
    private static final int STRANGER = 65534;
    /** Listens as the stranger, says so, and then tells how many bytes one client sent. */
    private static final String LISTENER = """
        import os, socket, sys
        os.setgid(65534)
        os.setuid(65534)
        s = socket.socket(socket.AF_UNIX)
        name = sys.argv[1]
        s.bind('\\0' + name[1:] if name[0] == '@' else name)
        s.listen(5)
        print('ready', flush=True)
        c, _ = s.accept()
        n = 0
        while True:
            part = c.recv(65536)
            n += len(part)
            if not part or part.endswith(b'BODY'):
                break
        if n:
            c.sendall(b'HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\n\\r\\n{}')
        c.close()
        print(n, flush=True)
        """;

    @TempDir
    private Path directory;

    /** Files by their owner and mode. */
    private record Made(Map<String, int[]> files) implements ServerPeer.Accounts {
        @Override
        public int owner(Path file) throws IOException {
            return of(file)[0];
        }

        @Override
        public int mode(Path file) throws IOException {
            return of(file)[1];
        }

        @Override
        public String name(int uid) {
            return uid == 71 ? "71 (other)" : Integer.toUnsignedString(uid);
        }

        private int[] of(Path file) throws IOException {
            int[] known = files.get(file.toString());
            if (known == null) {
                throw new NoSuchFileException(file.toString());
            }
            return known;
        }
    }

    private static final ServerPeer.Accounts FILES = new Made(Map.of(
        "/", new int[] {0, 0755}, "/tmp-x", new int[] {0, 01777}, "/tmp-x/s", new int[] {70, 0777},
        "/run-x", new int[] {70, 0755}, "/run-x/s", new int[] {70, 0777}, "/run-x/root", new int[] {0, 0777},
        "/group-x", new int[] {70, 0775}, "/group-x/s", new int[] {70, 0777},
        "/other-x", new int[] {71, 0755}, "/other-x/s", new int[] {70, 0777}));

    @ParameterizedTest
    @CsvSource({
        "unix:@any, 0, true", "unix:@any, 1000, true", "unix:@any, 70, false", "unix:@any, -2, false",
        "unix:/tmp-x/s, 0, true", "unix:/tmp-x/s, 1000, true",
        "unix:/run-x/s, 70, true",
        // Another owner of the file, of its directory; a directory for all or for a group; nothing to be seen.
        "unix:/run-x/s, 71, false", "unix:/run-x/root, 70, false", "unix:/other-x/s, 70, false",
        "unix:/tmp-x/s, 70, false", "unix:/group-x/s, 70, false", "unix:/gone-x/s, 70, false"})
    void whoMayGetSecrets(String address, int uid, boolean trusted) {
        boolean passed;
        try {
            new ServerPeer(FILES, SELF).check(ControlAddress.parse(address), uid);
            passed = true;
        } catch (ToolException e) {
            assertEquals(ToolException.UNREACHABLE, e.code());
            assertEquals(address + ": the server there runs as uid "
                + (uid == 71 ? "71 (other)" : Integer.toUnsignedString(uid)) + ", which is "
                + "neither root nor this user (uid 1000) nor sure to own the socket; no certificate, key or script "
                + "was sent to it", e.getMessage());
            passed = false;
        }
        assertEquals(trusted, passed);
    }

    @ParameterizedTest
    @CsvSource({"/certificates/a, true", "/js_modules/a, true", "/%63ertificates/a, true", "/, true",
        "/config/../certificates/a, true", "/config/%2E%2e/certificates/a, true", "/configs, true",
        "/config, false", "/config/listeners/*:80, false", "/config?dry-run, false", "/config/a.b, false"})
    void whatIsSecret(String path, boolean secret) {
        assertEquals(secret, ToolRequest.of("PUT", path, new byte[1]).secret());
        assertFalse(ToolRequest.of("DELETE", path).secret(), "there is nothing to give away");
    }

    @Test
    void theOwnServerGetsACertificateAtAnAbstractAddress() throws Exception {
        String name = "unitctl-peer-\u00e9-" + ProcessHandle.current().pid();
        try (UnixServerSocketChannel server = UnixServerSocketChannel.open()) {
            server.socket().bind(new UnixSocketAddress("\0" + name), 5);
            CompletableFuture<String> seen = CompletableFuture.supplyAsync(() -> serve(server));
            Run run = new Run().input("PEM BODY");
            assertEquals(0, run.call("-s", "unix:@" + name, "execute", "-m", "PUT", "-p", "/certificates/a", "-f",
                "-"), run.err());
            assertTrue(seen.get().startsWith("PUT /certificates/a HTTP/1.1\r\n"), seen.get());
        }
    }

    private static String serve(UnixServerSocketChannel server) {
        try (UnixSocketChannel client = server.accept()) {
            StringBuilder text = new StringBuilder();
            ByteBuffer part = ByteBuffer.allocate(4096);
            while (!text.toString().endsWith("BODY") && client.read(part) >= 0) {
                text.append(StandardCharsets.UTF_8.decode(part.flip()));
                part.clear();
            }
            client.write(ByteBuffer.wrap(FakeServer.ok("{}").getBytes(StandardCharsets.UTF_8)));
            return text.toString();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"false, /certificates/a, 3", "true, /certificates/a, 3", "false, /js_modules/a.js, 3",
        "false, /config, 0", "true, /config, 0"})
    void aStrangerGetsTheConfigurationOnly(boolean file, String path, int code) throws Exception {
        assumeTrue(Credentials.effectiveUid() == 0, "needs root to be somebody else");
        Path open = Files.createDirectory(directory.resolve("open"));
        Files.setAttribute(directory, "unix:mode", 0755);
        Files.setAttribute(open, "unix:mode", 01777);
        String name = file ? open.resolve("s").toString() : "@unitctl-stranger-" + ProcessHandle.current().pid();
        Process stranger = new ProcessBuilder("python3", "-c", LISTENER, name)
            .redirectError(ProcessBuilder.Redirect.INHERIT).start();
        try (BufferedReader says = stranger.inputReader()) {
            assertEquals("ready", says.readLine());
            Run run = new Run().input("KEY BODY");
            assertEquals(code, run.call("-s", "unix:" + name, "execute", "-m", "PUT", "-p", path, "-f", "-"));
            int sent = Integer.parseInt(says.readLine());
            assertEquals(code == 0, sent > 0, "bytes: " + sent);
            String refusal = "unitctl: unix:" + name + ": the server there runs as uid " + STRANGER + " (nobody)"
                + ", which is neither root nor this user (uid 0) nor sure to own the socket; no certificate, key or "
                + "script was sent to it\n";
            assertEquals(code == 0 ? "" : refusal, run.err());
        } finally {
            stranger.destroy();
        }
    }
}
