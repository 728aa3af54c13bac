// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.ConfText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToIntFunction;

/**
 * Reads one request from pieces of bytes ({@code spec/control-api.md §2}). A request without {@code Content-Length}
 * has as content what came together with its head; bytes beyond the length that came in the same piece belong to it
 * too. Only a content in chunks ends where it says.
 */
final class ControlRequestReader {

    /** A request that cannot be read; the message is for the client. */
    static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;

        private final int status;

        Refused(String message) {
            this(400, message);
        }

        Refused(int status, String message) {
            super(message, null, false, false);
            this.status = status;
        }

        int status() {
            return status;
        }
    }

    private static final int MAX_NAME = 255;
    /** Contents up to this many bytes are on the heap anyway. */
    private static final int SPOOLED = 64 << 10;
    private static final String TOKEN = "!#$%&'*+-.^_`|~";

    private final ControlLimits limits;
    private final ControlPeer peer;
    private final ToIntFunction<String> mostContent;
    private final ToIntFunction<String> largeContent;
    private final Map<String, List<String>> fields = new LinkedHashMap<>();
    private byte[] bytes = new byte[1024];
    private int length;
    private int scanned;
    private String method = "";
    private String target = "";
    private boolean waiting;
    private int bodyStart = -1;
    private long contentLength = -1;
    private Optional<ChunkedContent> chunks = Optional.empty();
    private Optional<SpooledContent> spooled = Optional.empty();

    /**
     * Nothing is read yet.
     *
     * @param mostContent the most bytes of content for a target; asked when the head is there
     * @param largeContent the most that come as sealed memory; 0 for none
     */
    ControlRequestReader(ControlLimits limits, ControlPeer peer, ToIntFunction<String> mostContent,
            ToIntFunction<String> largeContent) {
        this.limits = limits;
        this.peer = peer;
        this.mostContent = mostContent;
        this.largeContent = largeContent;
    }

    /** True when the head is complete and the content is not. */
    boolean inBody() {
        return bodyStart >= 0;
    }

    /** Bytes held. */
    int size() {
        return bytes.length + chunks.map(ChunkedContent::size).orElse(0);
    }

    /** True once when the client wants to be told to send its content, which is not complete. */
    boolean takeExpectation() {
        boolean expects = waiting;
        waiting = false;
        return expects && inBody();
    }

    /**
     * Takes a piece.
     *
     * @return the request when it is complete
     */
    Optional<ControlRequest> read(byte[] piece) throws Refused {
        if (chunks.isPresent()) {
            return chunked(piece, 0, piece.length);
        }
        if (spooled.isPresent()) {
            return large(piece, 0, piece.length);
        }
        long needed = (long) length + piece.length;
        if (needed > (long) limits.headerBytes() + limits.bodyBytes()) {
            throw tooLarge(400, limits.bodyBytes());
        }
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.max(needed, Math.min(2L * bytes.length, expected())));
        }
        System.arraycopy(piece, 0, bytes, length, piece.length);
        length += piece.length;
        if (!inBody() && !head()) {
            return Optional.empty();
        }
        if (chunks.isPresent()) {
            byte[] all = bytes;
            bytes = new byte[0];
            return chunked(all, bodyStart, length);
        }
        if (contentLength > SPOOLED && largeContent.applyAsInt(target) > 0) {
            byte[] all = bytes;
            bytes = new byte[0];
            spooled = Optional.of(new SpooledContent(contentLength));
            return large(all, bodyStart, length);
        }
        int body = length - bodyStart;
        if (body < contentLength) {
            return Optional.empty();
        }
        ControlRequest request = request(Arrays.copyOfRange(bytes, bodyStart, length));
        bytes = new byte[0];
        return Optional.of(request);
    }

    private Optional<ControlRequest> chunked(byte[] from, int start, int end) throws Refused {
        ChunkedContent content = chunks.orElseThrow();
        return content.take(from, start, end) ? Optional.of(request(content.content())) : Optional.empty();
    }

    private Optional<ControlRequest> large(byte[] from, int start, int end) throws Refused {
        SpooledContent content = spooled.orElseThrow();
        return content.take(from, start, end) ? Optional.of(new ControlRequest(method, target,
            new RequestHeaders(fields), new byte[0], peer, Optional.of(content.memory()))) : Optional.empty();
    }

    /** Whether the content goes into sealed memory. */
    boolean isSpooled() {
        return spooled.isPresent();
    }

    /** Gives the memory of the content back. */
    void close() {
        spooled.ifPresent(SpooledContent::close);
    }

    private ControlRequest request(byte[] body) {
        return new ControlRequest(method, target, new RequestHeaders(fields), body, peer);
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
        boolean current = requestLine(lines.length == 0 ? "" : lines[0]);
        for (int i = 1; i < lines.length; i++) {
            int colon = lines[i].indexOf(':');
            if (colon < 1 || colon > MAX_NAME || !isToken(lines[i].substring(0, colon))) {
                throw new Refused("A header field is malformed.");
            }
            String name = lines[i].substring(0, colon).toLowerCase(Locale.ROOT);
            String value = lines[i].substring(colon + 1).strip();
            fields.computeIfAbsent(name, unused -> new ArrayList<>(1)).add(value);
            if (name.equals("content-length")) {
                contentLength(value);
            }
        }
        if (fields.containsKey("transfer-encoding")) {
            transferEncoding(current);
        }
        // An older client cannot know what the interim reply is.
        waiting = current
            && fields.getOrDefault("expect", List.of()).stream().anyMatch("100-continue"::equalsIgnoreCase);
    }

    /** Tells whether the client speaks HTTP/1.1. */
    private boolean requestLine(String line) throws Refused {
        String[] words = line.split(" ", -1);
        boolean good = words.length == 3 && isToken(words[0]) && words[1].startsWith("/")
            && (words[2].equals("HTTP/1.1") || words[2].equals("HTTP/1.0"));
        if (!good) {
            throw new Refused("The request line is malformed.");
        }
        method = words[0];
        target = words[1];
        return words[2].equals("HTTP/1.1");
    }

    private void contentLength(String value) throws Refused {
        if (!value.matches("[0-9]{1,18}") || contentLength >= 0 && contentLength != Long.parseLong(value)) {
            throw new Refused("The \"Content-Length\" header is invalid.");
        }
        contentLength = Long.parseLong(value);
        int large = largeContent.applyAsInt(target);
        if (contentLength > Math.max(most(), large)) {
            throw tooLarge(large > 0 ? 413 : tooLargeStatus(), Math.max(most(), large));
        }
    }

    /** A content whose end is told twice is how requests are smuggled. */
    private void transferEncoding(boolean current) throws Refused {
        List<String> values = fields.get("transfer-encoding");
        if (!current || contentLength >= 0 || values.size() != 1 || !values.getFirst().equalsIgnoreCase("chunked")) {
            throw new Refused("The \"Transfer-Encoding\" header is invalid: only \"chunked\" is supported, in HTTP/1.1 "
                + "and without \"Content-Length\".");
        }
        chunks = Optional.of(new ChunkedContent(most(), limits.headerBytes(), tooLargeStatus()));
    }

    private int most() {
        return Math.min(limits.bodyBytes(), mostContent.applyAsInt(target));
    }

    /** A resource that takes less than the server says so by the status made for it. */
    private int tooLargeStatus() {
        return most() < limits.bodyBytes() ? 413 : 400;
    }

    static Refused tooLarge(int status, int limit) {
        return new Refused(status, "The request content exceeds " + limit + " bytes.");
    }

    private static boolean isToken(String text) {
        return !text.isEmpty() && text.getBytes(StandardCharsets.UTF_8).length == text.length()
            && text.chars().allMatch(c -> Character.isLetterOrDigit(c) || TOKEN.indexOf(c) >= 0);
    }
}
