// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import jdk.net.ExtendedSocketOptions;

/**
 * Who is at the other end of a connection, as far as the kernel tells.
 *
 * @param name for logs, and to tell one client that guesses passwords from all others
 * @param owner whether it is root or the account of the server, on a unix socket
 */
record ConsolePeer(String name, boolean owner) {

    /** The attribute of requests that came in by the address of the console, and by no other. */
    static final String ATTRIBUTE = "io.margay.console.peer";

    private static final int HEX = 16;
    private static final int UID = 7;

    /** Somebody on a unix socket; the kernel knows who. */
    static ConsolePeer unix(SocketChannel channel) {
        try {
            UserPrincipal user = channel.getOption(ExtendedSocketOptions.SO_PEERCRED).user();
            UserPrincipal root = FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByName("0");
            return new ConsolePeer("user " + user.getName(),
                user.equals(root) || user.equals(Files.getOwner(Path.of("/proc/self"))));
        } catch (IOException | UnsupportedOperationException e) {
            return new ConsolePeer("unknown user", false);
        }
    }

    /** Somebody on a TCP port: an address, and on this machine the account too, since all there share an address. */
    static ConsolePeer tcp(SocketAddress remote, SocketAddress local) {
        if (!(remote instanceof InetSocketAddress from) || !(local instanceof InetSocketAddress to)) {
            return new ConsolePeer("unknown address", false);
        }
        String address = from.getAddress().getHostAddress();
        Optional<String> user = from.getAddress().isLoopbackAddress()
            ? uid(from.getPort(), to.getPort()) : Optional.empty();
        return new ConsolePeer(address + user.map(uid -> " (uid " + uid + ")").orElse(""), false);
    }

    private static Optional<String> uid(int port, int console) {
        // One line in thousands is worth to be taken apart.
        String wanted = ":%04X ".formatted(port);
        for (String table : List.of("/proc/net/tcp", "/proc/net/tcp6")) {
            try (Stream<String> lines = Files.lines(Path.of(table), StandardCharsets.US_ASCII)) {
                Optional<String> found = lines.skip(1).filter(line -> line.contains(wanted))
                    .map(line -> line.strip().split("\\s+"))
                    .filter(fields -> fields.length > UID && port(fields[1]) == port && port(fields[2]) == console)
                    .map(fields -> fields[UID]).findFirst();
                if (found.isPresent()) {
                    return found;
                }
            } catch (IOException | UncheckedIOException e) {
                // Without IPv6 there is no such table.
                continue;
            }
        }
        return Optional.empty();
    }

    private static int port(String end) {
        int colon = end.lastIndexOf(':');
        return colon < 0 || !end.substring(colon + 1).chars().allMatch(HexFormat::isHexDigit) ? -1
            : Integer.parseInt(end.substring(colon + 1), HEX);
    }
}
