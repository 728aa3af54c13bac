// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfText;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Reads one request from pieces of bytes ({@code spec/control-api.md §2}). A request without {@code Content-Length}
 * has as content what came together with its head; bytes beyond the length that came in the same piece belong to it
 * too.
 */
final class RequestReader {

    /** A request that cannot be read; the message is for the client. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        Refused(String message) {
            super(message, null, false, false);
        }
    }

    private static final int MAX_NAME = 255;
    private static final String TOKEN = "!#$%&'*+-.^_`|~";

    private final ControlLimits limits;
    private final String peer;
    private byte[] bytes = new byte[1024];
    private int length;
    private int scanned;
    private String method = "";
    private String target = "";
    private int bodyStart = -1;
    private long contentLength = -1;

    RequestReader(ControlLimits limits, String peer) {
        this.limits = limits;
        this.peer = peer;
    }

    /** True when the head is complete and the content is not. */
    boolean inBody() {
        return bodyStart >= 0;
    }

    /** Bytes held. */
    int size() {
        return bytes.length;
    }

    /**
     * Takes a piece.
     *
     * @return the request when it is complete
     */
    Optional<Request> read(byte[] piece) throws Refused {
        long needed = (long) length + piece.length;
        if (needed > (long) limits.headerBytes() + limits.bodyBytes()) {
            throw new Refused(tooLarge());
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, expected())));
        }
        System.arraycopy(piece, 0, bytes, length, piece.length);
        length += piece.length;
        if (!inBody() && !head()) {
            return Optional.empty();
        }
        int body = length - bodyStart;
        if (body < contentLength) {
            return Optional.empty();
        }
        Request request = new Request(method, target, Arrays.copyOfRange(bytes, bodyStart, length), peer);
        bytes = new byte[0];
        return Optional.of(request);
    }

    private long expected() {
        return contentLength > 0 ? bodyStart + contentLength : 2L * bytes.length;
    }

    private boolean head() throws Refused {
        for (int i = scanned; i < length; i++) {
            if (bytes[i] == '\n') {
                boolean ended = i > 0 && bytes[i - 1] == '\n' || i > 1 && bytes[i - 1] == '\r' && bytes[i - 2] == '\n';
                if (ended) {
                    checkSize(i);
                    parse(ConfText.decode(bytes, 0, i + 1));
                    bodyStart = i + 1;
                    return true;
                }
            }
        }
        scanned = Math.max(0, length - 1);
        checkSize(length);
        return false;
    }

    private void checkSize(int size) throws Refused {
        if (size > limits.headerBytes()) {
            throw new Refused("The request header exceeds " + limits.headerBytes() + " bytes.");
        }
    }

    private void parse(String head) throws Refused {
        String[] lines = head.split("\r?\n");
        requestLine(lines[0]);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1 || colon > MAX_NAME || !isToken(lines[i].substring(0, colon))) {
                throw new Refused("A header field is malformed.");
            }
            String value = lines[i].substring(colon + 1).strip();
            switch (lines[i].substring(0, colon).toLowerCase(Locale.ROOT)) {
                case "content-length" -> contentLength(value);
                case "transfer-encoding" -> throw new Refused("The \"Transfer-Encoding\" header is not supported; send "
                    + "the content with \"Content-Length\".");
                default -> {
                    // Others have no meaning here.
                }
            }
        }
    }

    private void requestLine(String line) throws Refused {
        String[] words = line.split(" ", -1);
        boolean good = words.length == 3 && isToken(words[0]) && words[1].startsWith("/")
            && (words[2].equals("HTTP/1.1") || words[2].equals("HTTP/1.0"));
        if (!good) {
            throw new Refused("The request line is malformed.");
        }
        method = words[0];
        target = words[1];
    }

    private void contentLength(String value) throws Refused {
        if (!value.matches("[0-9]{1,18}") || contentLength >= 0 && contentLength != Long.parseLong(value)) {
            throw new Refused("The \"Content-Length\" header is invalid.");
        }
        contentLength = Long.parseLong(value);
        if (contentLength > limits.bodyBytes()) {
            throw new Refused(tooLarge());
        }
    }

    private String tooLarge() {
        return "The request content exceeds " + limits.bodyBytes() + " bytes.";
    }

    private static boolean isToken(String text) {
        return !text.isEmpty() && text.getBytes(StandardCharsets.UTF_8).length == text.length()
            && text.chars().allMatch(c -> Character.isLetterOrDigit(c) || TOKEN.indexOf(c) >= 0);
    }
}
