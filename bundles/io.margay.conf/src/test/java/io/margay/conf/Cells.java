// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/** The cells of tables: one character a byte, and {@code <0A>} for a byte that a table cannot show. */
final class Cells {
    private static final Pattern BYTE = Pattern.compile("<([0-9A-F]{2})>");

    private Cells() {
    }

    /** One character for each byte of the cell. */
    static String latin(String cell) {
        return BYTE.matcher(cell).replaceAll(found -> {
            String one = String.valueOf((char) Integer.parseInt(found.group(1), 16));
            return java.util.regex.Matcher.quoteReplacement(one);
        });
    }

    static byte[] bytes(String cell) {
        return latin(cell).getBytes(StandardCharsets.ISO_8859_1);
    }

    /** What the cell means as JSON. */
    static Conf parse(String cell) throws ConfSyntaxException {
        return ConfParser.parse(bytes(cell));
    }

    /** The opposite of {@link #bytes}: what a table cannot show becomes {@code <0A>}. */
    static String of(byte[] bytes) {
        StringBuilder cell = new StringBuilder();
        for (byte b : bytes) {
            if (b >= ' ' && b < 0x7F) {
                cell.append((char) b);
            } else {
                cell.append(String.format("<%02X>", b));
            }
        }
        return cell.toString();
    }
}
