// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** A socket address. Text forms: spec/configuration.md §5.1. */
public sealed interface Address {
    /** The size of the largest form, {@code struct sockaddr_storage}. */
    int MAX_SIZE = 128;

    /**
     * Reads {@code A.B.C.D:PORT}, {@code *:PORT}, {@code [IPv6]:PORT}, {@code unix:/path} or {@code unix:@name}.
     *
     * @throws IllegalArgumentException when the text is none of these; host names are not resolved
     */
    static Address parse(String text) {
        return AddressParser.parse(text)
            .orElseThrow(() -> new IllegalArgumentException("The address \"" + text + "\" is invalid."));
    }

    /** The same as {@link #parse}, empty when the text is no address. */
    static Optional<Address> tryParse(String text) {
        return AddressParser.parse(text);
    }

    /** Reads what the kernel wrote; an unnamed unix socket is {@code unix:}. */
    static Address decode(MemorySegment memory, int length) {
        return AddressCodec.decode(memory, length);
    }

    /** The form that {@link #parse} reads. */
    String text();

    /** The address without its port, as applications see it: {@code 127.0.0.1}, {@code ::1}, {@code unix:}. */
    String host();

    /** The port, 0 for unix sockets. */
    int port();

    /** {@code AF_*} of {@link Sockets}. */
    int family();

    /** Writes the {@code sockaddr}, at most {@link #MAX_SIZE} bytes; returns its length. */
    int encode(MemorySegment memory);

    /** IPv4; {@code address} holds the first octet in its highest byte. */
    record Ip4(int address, int port) implements Address {
        @Override
        public String text() {
            return (address == 0 ? "*" : host()) + ":" + port;
        }

        @Override
        public String host() {
            return (address >>> 24) + "." + (address >>> 16 & 255) + "." + (address >>> 8 & 255) + "."
                + (address & 255);
        }

        @Override
        public int family() {
            return Sockets.AF_INET;
        }

        @Override
        public int encode(MemorySegment memory) {
            return AddressCodec.encode(this, memory);
        }
    }

    /** IPv6; {@code high} holds the first eight bytes; {@code scope} is the interface of link-local addresses. */
    record Ip6(long high, long low, int port, int scope) implements Address {
        @Override
        public String text() {
            return "[" + host() + "]:" + port;
        }

        @Override
        public String host() {
            return AddressCodec.text(high, low);
        }

        @Override
        public int family() {
            return Sockets.AF_INET6;
        }

        @Override
        public int encode(MemorySegment memory) {
            return AddressCodec.encode(this, memory);
        }
    }

    /** A unix socket; {@code path} of an abstract one begins with {@code @}, and is empty for an unnamed one. */
    record Unix(String path) implements Address {
        /** The longest path, without its NUL. */
        public static final int MAX_PATH = 107;

        /** Refuses paths that the kernel would cut. */
        public Unix {
            if (path.getBytes(StandardCharsets.UTF_8).length > MAX_PATH || path.indexOf('\0') >= 0) {
                throw new IllegalArgumentException("not the path of a unix socket: \"" + path + "\"");
            }
        }

        /** Whether it lives in the abstract name space and not in the file system. */
        public boolean isAbstract() {
            return path.startsWith("@");
        }

        @Override
        public String text() {
            return "unix:" + path;
        }

        @Override
        public String host() {
            return "unix:";
        }

        @Override
        public int port() {
            return 0;
        }

        @Override
        public int family() {
            return Sockets.AF_UNIX;
        }

        @Override
        public int encode(MemorySegment memory) {
            return AddressCodec.encode(this, memory);
        }
    }

    /** A family that this package does not know, such as that of a packet socket. */
    record Other(int family) implements Address {
        @Override
        public String text() {
            return "family:" + family;
        }

        @Override
        public String host() {
            return text();
        }

        @Override
        public int port() {
            return 0;
        }

        @Override
        public int encode(MemorySegment memory) {
            memory.set(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.nativeOrder()), 0, (short) family);
            return Short.BYTES;
        }
    }
}
