// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.Fields;
import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Lines {@code Name: value CRLF} that a parser has found good, as fields. */
final class FieldLines {
    /** The length is that of the response, and the server is this one. */
    private static final Set<String> LEFT_OUT = Set.of("content-length", "server");

    private FieldLines() {
    }

    static Fields read(ByteBuf lines) {
        List<String> texts = new ArrayList<>();
        for (String line : lines.toString(StandardCharsets.ISO_8859_1).split("\r\n")) {
            int colon = line.indexOf(':');
            if (colon > 0 && !LEFT_OUT.contains(line.substring(0, colon).toLowerCase(Locale.ROOT))) {
                texts.add(line.substring(0, colon));
                texts.add(line.substring(colon + 1).strip());
            }
        }
        return Fields.of(texts.stream().map(text -> new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1), false))
            .toArray(AsciiString[]::new));
    }
}
