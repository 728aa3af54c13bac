// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/**
 * A run that uses what most calls use, so that the boot cache ({@code bin/margay-aot}) holds its classes. It speaks to
 * a server of its own in a temporary directory and prints nothing.
 */
final class ToolTraining {
    private static final String ANSWER = "{\"connections\": {\"accepted\": 1, \"active\": 0, \"idle\": 0}, "
        + "\"modules\": {\"python\": {\"version\": \"3\"}}, \"requests\": {\"total\": 1}, \"applications\": {\"a\": "
        + "{\"processes\": {\"running\": 1, \"starting\": 0, \"idle\": 1}, \"requests\": {\"active\": 0}}}}";
    private static final String[][] COMMANDS = {
        {"status"}, {"status", "-t", "text"}, {"status", "-t", "yaml"}, {"listeners"}, {"apps", "list"},
        {"execute", "-m", "PUT", "-p", "/config", "-f", "-"},
        {"execute", "-m", "PUT", "-p", "/certificates/a", "-f", "-"}, {"get", "/config"}, {"instances"}, {"--help"},
        {"status", "--bogus"}
    };

    private ToolTraining() {
    }

    static void run() throws IOException {
        Path directory = Files.createTempDirectory("unitctl-train-");
        Path socket = directory.resolve("s");
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(UnixDomainSocketAddress.of(socket));
            Thread.ofPlatform().daemon().start(() -> serve(server));
            PrintStream nowhere = new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
            for (String[] command : COMMANDS) {
                Io io = new Io(new ByteArrayInputStream("{}".getBytes(StandardCharsets.UTF_8)), nowhere, nowhere, "",
                    Map.of(), Io.ofProcess().home(), Path.of("/proc"));
                String[] all = new String[command.length + 2];
                all[0] = "-s";
                all[1] = "unix:" + socket;
                System.arraycopy(command, 0, all, 2, command.length);
                Unitctl.execute(io, all);
            }
        } finally {
            Files.deleteIfExists(socket);
            Files.delete(directory);
        }
    }

    private static void serve(ServerSocketChannel server) {
        byte[] answer = ("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " + ANSWER.length()
            + "\r\nConnection: close\r\n\r\n" + ANSWER).getBytes(StandardCharsets.US_ASCII);
        while (server.isOpen()) {
            try (SocketChannel channel = server.accept()) {
                channel.read(ByteBuffer.allocate(4096));
                channel.write(ByteBuffer.wrap(answer));
            } catch (java.nio.channels.ClosedChannelException e) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
