// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Lines {@code Name: value CRLF} as fields: of interim responses, and of what stands behind a body. */
public final class FieldLines {
    /** The length and the connection are those of the response, and the server is this one. */
    private static final Set<String> LEFT_OUT = Set.of("content-length", "server", "connection", "keep-alive",
        "transfer-encoding", "upgrade");
    /** Those that would change what has been read already (RFC 9110 §6.5.1). */
    private static final Set<AsciiString> NOT_BEHIND = Set.of(AsciiString.cached("content-length"),
        AsciiString.cached("transfer-encoding"), AsciiString.cached("connection"), AsciiString.cached("trailer"),
        AsciiString.cached("host"), AsciiString.cached("server"), AsciiString.cached("date"), AsciiString.cached("te"),
        AsciiString.cached("upgrade"), AsciiString.cached("keep-alive"), AsciiString.cached("content-type"),
        AsciiString.cached("content-encoding"), AsciiString.cached("content-range"), AsciiString.cached("location"),
        AsciiString.cached("set-cookie"), AsciiString.cached("cache-control"));
    private static final AsciiString TE = AsciiString.cached("te");
    private static final AsciiString TRAILERS = AsciiString.cached("trailers");

    private FieldLines() {
    }

    /**
     * Reads lines; those that are none, and those of the connection, are left out.
     *
     * @param lines not taken over
     * @throws IllegalArgumentException when a name is no token or a value has control characters
     */
    public static Fields read(ByteBuf lines) {
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

    /** The words of a list (RFC 9110 §5.6.1) that all fields with a name make up: views, some of them maybe empty. */
    public static List<AsciiString> words(Request request, AsciiString name) {
        List<AsciiString> words = new ArrayList<>();
        for (int i = request.find(name, 0); i >= 0; i = request.find(name, i + 1)) {
            for (AsciiString word : request.value(i).split(',')) {
                words.add(Ascii.trim(word));
            }
        }
        return words;
    }

    /** Whether the client takes fields behind the body. */
    public static boolean takesTrailers(Request request) {
        return words(request, TE).stream().anyMatch(TRAILERS::contentEqualsIgnoreCase);
    }

    /** Whether a field may stand behind the body. */
    public static boolean isTrailer(AsciiString name) {
        return !NOT_BEHIND.contains(name.toLowerCase());
    }
}
