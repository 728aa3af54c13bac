// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;

/** Where a server listens for control requests ({@code spec/control-api.md §1.1}). */
sealed interface ControlAddress {
    /** {@return the address as messages name it} */
    String text();

    /** A socket file. */
    record File(Path path) implements ControlAddress {
        @Override
        public String text() {
            return "unix:" + path;
        }
    }

    /**
     * A socket of Linux's abstract name space.
     *
     * @param name without the leading {@code @}
     */
    record Abstract(String name) implements ControlAddress {
        @Override
        public String text() {
            return "unix:@" + name;
        }
    }

    /**
     * A TCP port.
     *
     * @param host a name or address, without brackets
     */
    record Tcp(String host, int port) implements ControlAddress {
        @Override
        public String text() {
            return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
        }
    }

    /**
     * Reads {@code unix:/path}, {@code /path}, {@code unix:@name}, {@code host:port}, {@code [IPv6]:port} or
     * {@code http://host:port}. {@code *} as a host is the loopback address.
     *
     * @throws ToolException (usage) when the text is none of these
     */
    static ControlAddress parse(String text) throws ToolException {
        if (text.startsWith("unix:@")) {
            return new Abstract(named(text, text.substring("unix:@".length())));
        }
        if (text.startsWith("unix:") || text.startsWith("/")) {
            String path = text.startsWith("/") ? text : named(text, text.substring("unix:".length()));
            try {
                return new File(Path.of(path));
            } catch (InvalidPathException e) {
                throw wrong(text);
            }
        }
        return tcp(text);
    }

    private static ControlAddress tcp(String text) throws ToolException {
        String place = text.startsWith("http://") ? text.substring("http://".length()) : text;
        place = place.endsWith("/") ? place.substring(0, place.length() - 1) : place;
        int colon = place.lastIndexOf(':');
        String host = colon < 0 ? "" : place.substring(0, colon);
        String digits = place.substring(colon + 1);
        boolean bracketed = host.startsWith("[") && host.endsWith("]");
        if (host.isEmpty() || !digits.matches("[0-9]{1,5}") || !bracketed && host.matches("(?s).*[:/\\s\\[\\]].*")) {
            throw wrong(text);
        }
        int port = Integer.parseInt(digits);
        if (port == 0 || port > 65535) {
            throw wrong(text);
        }
        String bare = bracketed ? host.substring(1, host.length() - 1) : host;
        return new Tcp(bare.equals("*") ? "127.0.0.1" : bare, port);
    }

    private static String named(String text, String name) throws ToolException {
        if (name.isEmpty()) {
            throw wrong(text);
        }
        return name;
    }

    private static ToolException wrong(String text) {
        return ToolException.usage("\"" + text + "\" is no control address: it is unix:/path, unix:@name, host:port "
            + "or http://host:port, with a port from 1 to 65535");
    }
}
