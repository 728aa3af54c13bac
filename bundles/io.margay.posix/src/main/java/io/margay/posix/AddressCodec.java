// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** {@code struct sockaddr} in and out, and the text of IPv6 addresses ({@code spec/http.md §14}). */
final class AddressCodec {
    private static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED;
    private static final ValueLayout.OfShort NET_SHORT = SHORT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED;
    private static final ValueLayout.OfInt NET_INT = INT.withOrder(ByteOrder.BIG_ENDIAN);
    private static final ValueLayout.OfLong NET_LONG =
        ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.BIG_ENDIAN);
    private static final int IP4_SIZE = 16;
    private static final int IP6_SIZE = 28;
    private static final int PATH_OFFSET = 2;
    private static final long MAPPED = 0xFFFF_0000_0000L;

    private AddressCodec() {
    }

    static int encode(Address.Ip4 address, MemorySegment memory) {
        memory.asSlice(0, IP4_SIZE).fill((byte) 0);
        memory.set(SHORT, 0, (short) Sockets.AF_INET);
        memory.set(NET_SHORT, 2, (short) address.port());
        memory.set(NET_INT, 4, address.address());
        return IP4_SIZE;
    }

    static int encode(Address.Ip6 address, MemorySegment memory) {
        memory.asSlice(0, IP6_SIZE).fill((byte) 0);
        memory.set(SHORT, 0, (short) Sockets.AF_INET6);
        memory.set(NET_SHORT, 2, (short) address.port());
        memory.set(NET_LONG, 8, address.high());
        memory.set(NET_LONG, 16, address.low());
        memory.set(INT, 24, address.scope());
        return IP6_SIZE;
    }

    static int encode(Address.Unix address, MemorySegment memory) {
        byte[] path = address.path().getBytes(StandardCharsets.UTF_8);
        memory.set(SHORT, 0, (short) Sockets.AF_UNIX);
        MemorySegment.copy(path, 0, memory, ValueLayout.JAVA_BYTE, PATH_OFFSET, path.length);
        if (address.isAbstract()) {
            // The length alone ends an abstract name; its first byte is NUL.
            memory.set(ValueLayout.JAVA_BYTE, PATH_OFFSET, (byte) 0);
            return PATH_OFFSET + path.length;
        }
        if (path.length == 0) {
            return PATH_OFFSET;
        }
        memory.set(ValueLayout.JAVA_BYTE, PATH_OFFSET + path.length, (byte) 0);
        return PATH_OFFSET + path.length + 1;
    }

    static Address decode(MemorySegment memory, int length) {
        if (length < PATH_OFFSET) {
            // A unix stream peer that never bound may come back with no address at all.
            return new Address.Unix("");
        }
        int family = Short.toUnsignedInt(memory.get(SHORT, 0));
        if (family == Sockets.AF_INET && length >= IP4_SIZE) {
            return new Address.Ip4(memory.get(NET_INT, 4), Short.toUnsignedInt(memory.get(NET_SHORT, 2)));
        }
        if (family == Sockets.AF_INET6 && length >= IP6_SIZE) {
            return new Address.Ip6(memory.get(NET_LONG, 8), memory.get(NET_LONG, 16),
                Short.toUnsignedInt(memory.get(NET_SHORT, 2)), memory.get(INT, 24));
        }
        return family == Sockets.AF_UNIX ? unix(memory, Math.min(length, Address.MAX_SIZE)) : new Address.Other(family);
    }

    private static Address unix(MemorySegment memory, int length) {
        byte[] path = memory.asSlice(PATH_OFFSET, length - PATH_OFFSET).toArray(ValueLayout.JAVA_BYTE);
        if (path.length == 0) {
            return new Address.Unix("");
        }
        int end = 1;
        while (end < path.length && path[end] != 0) {
            end++;
        }
        if (path[0] != 0) {
            return new Address.Unix(clean(new String(path, 0, end, StandardCharsets.UTF_8)));
        }
        // Names chosen by a peer may hold anything, further NULs included; they are only shown.
        return new Address.Unix(clean("@" + new String(path, 1, path.length - 1, StandardCharsets.UTF_8)));
    }

    /** Replacement characters of broken UTF-8 may take more bytes than the original. */
    private static String clean(String path) {
        String shown = path.replace('\0', '@');
        while (shown.getBytes(StandardCharsets.UTF_8).length > Address.Unix.MAX_PATH) {
            shown = shown.substring(0, shown.length() - 1);
        }
        return shown;
    }

    static String text(long high, long low) {
        if (high == 0 && (low & 0xFFFF_FFFF_0000_0000L) == MAPPED) {
            return "::ffff:" + new Address.Ip4((int) low, 0).host();
        }
        if (high == 0 && low >>> 32 == 0 && (low >>> 16) != 0) {
            return "::" + new Address.Ip4((int) low, 0).host();
        }
        int[] groups = new int[8];
        for (int i = 0; i < 4; i++) {
            groups[i] = (int) (high >>> 48 - 16 * i) & 0xFFFF;
            groups[4 + i] = (int) (low >>> 48 - 16 * i) & 0xFFFF;
        }
        int best = -1;
        int bestLength = 0;
        for (int i = 0; i < 8; i++) {
            int end = i;
            while (end < 8 && groups[end] == 0) {
                end++;
            }
            if (end - i > bestLength) {
                best = i;
                bestLength = end - i;
            }
        }
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < 8; i++) {
            if (i == best) {
                text.append("::");
                i += bestLength - 1;
                continue;
            }
            if (!text.isEmpty() && text.charAt(text.length() - 1) != ':') {
                text.append(':');
            }
            text.append(Integer.toHexString(groups[i]));
        }
        return text.toString();
    }
}
