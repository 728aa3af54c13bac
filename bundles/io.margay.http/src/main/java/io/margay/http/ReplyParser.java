// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.Arrays;

/**
 * Takes the bytes of one connection apart, response by response (RFC 9112). For one thread; parts of bodies are slices
 * of what came, not copies.
 */
public final class ReplyParser {

    /** Takes what was found. */
    public interface Sink {

        /** The head of an interim response. */
        default void interim(AnswerHead head) {
            // Most want the final one alone.
        }

        /** A field behind a body in chunks, before its last part is given. */
        default void trailer(AsciiString name, AsciiString value) {
            // Most drop them.
        }

        /** The head of a final response. */
        void head(AnswerHead head);

        /** A part of the body, taken over; empty when the head is to be sent alone, or as the last part. */
        void data(ByteBuf part, boolean last);
    }

    /** How a connection ended. */
    public enum End { NOTHING, COMPLETE, CUT }

    private enum State {
        HEAD, LENGTH, SIZE, EXTENSION, SIZE_LF, CHUNK, CHUNK_CR, CHUNK_LF, TRAILER, TRAILER_LINE, TRAILER_LF, END_LF,
        UNTIL_CLOSE, DONE
    }

    private static final int CHUNK_DIGITS = 15;
    private static final int LONGEST_EXTENSION = 4096;
    private static final int MOST_INTERIM = 64;
    private static final int LEAST_FINAL = 200;
    private static final int SWITCHING = 101;
    private static final int STEP = 1024;
    private static final int SMALL = 64 << 10;

    private final int longestHead;
    private final String limit;
    private final ReplyRules rules;
    private final Sink sink;
    private final AnswerHead head;
    private byte[] array = new byte[STEP];
    private int size;
    private int matched;
    private int interim;
    private State state = State.HEAD;
    private boolean bodiless;
    private boolean upgrade;
    private long left;
    private int counted;
    private ByteBuf held;
    private boolean silent;

    /** The parser of a connection to a program that this server runs. */
    public static ReplyParser strict(int longestHead, Sink sink) {
        return new ReplyParser(longestHead, " (option \"limits.response_head\")", ReplyRules.STRICT, sink);
    }

    /** The parser of a connection to a server of others. */
    public static ReplyParser lenient(int longestHead, Sink sink) {
        return new ReplyParser(longestHead, "", ReplyRules.LENIENT, sink);
    }

    private ReplyParser(int longestHead, String limit, ReplyRules rules, Sink sink) {
        this.longestHead = longestHead;
        this.limit = limit;
        this.rules = rules;
        this.sink = sink;
        head = new AnswerHead(rules);
    }

    /** The next response is awaited; that to a HEAD request has no body, one may change the protocol. */
    public void begin(boolean toHead, boolean toUpgrade) {
        upgrade = toUpgrade;
        state = State.HEAD;
        bodiless = toHead;
        size = 0;
        matched = 0;
        interim = 0;
        if (array.length > SMALL) {
            array = new byte[STEP];
        }
    }

    /** Whether the response is complete. */
    public boolean isDone() {
        return state == State.DONE;
    }

    /** Whether nothing of the response has come. */
    public boolean isUntouched() {
        return state == State.HEAD && size == 0 && interim == 0;
    }

    /** Whether the server will take another request on this connection. */
    public boolean keepsAlive() {
        return head.keepsAlive();
    }

    /**
     * Takes bytes until the response is complete; what is left then belongs to nothing.
     *
     * @throws BadResponseException if they are no response
     */
    public void read(ByteBuf in) throws BadResponseException {
        silent = false;
        try {
            while (in.isReadable() && state != State.DONE) {
                step(in);
            }
        } finally {
            // Also what stands before a fault: it was good.
            if (held != null) {
                ByteBuf part = held;
                held = null;
                sink.data(part, false);
            } else if (silent) {
                sink.data(Unpooled.EMPTY_BUFFER, false);
            }
        }
    }

    /** The server has closed the connection. */
    public End eof() {
        if (isUntouched()) {
            return End.NOTHING;
        }
        if (state == State.UNTIL_CLOSE) {
            finish();
        }
        return state == State.DONE ? End.COMPLETE : End.CUT;
    }

    private void step(ByteBuf in) throws BadResponseException {
        switch (state) {
            case HEAD -> head(in);
            case LENGTH, UNTIL_CLOSE -> body(in);
            case CHUNK -> chunk(in);
            default -> letter(in.readByte());
        }
    }

    // ---- head ---------------------------------------------------------

    private void head(ByteBuf in) throws BadResponseException {
        int step = Math.min(in.readableBytes(), STEP);
        if (array.length < size + step) {
            array = Arrays.copyOf(array, Math.max(2 * array.length, size + step));
        }
        in.getBytes(in.readerIndex(), array, size, step);
        int end = size + step;
        for (int i = size; i < end; i++) {
            byte letter = array[i];
            if (ends(letter)) {
                in.skipBytes(i + 1 - size);
                size = i + 1;
                limit();
                complete();
                return;
            }
        }
        in.skipBytes(step);
        size = end;
        limit();
        if (!AnswerHead.mayBegin(array, size)) {
            throw new BadResponseException("no status line of HTTP/1");
        }
    }

    /** Whether a head ends with a letter: the second line end in a row, CRLF or, where that is allowed, LF. */
    private boolean ends(byte letter) {
        if (letter == '\n' && (matched & 1) == 0 && rules.isLenient()) {
            matched++;
        }
        matched = letter == ((matched & 1) == 0 ? '\r' : '\n') ? matched + 1 : letter == '\r' ? 1 : 0;
        return matched == 4;
    }

    private void limit() throws BadResponseException {
        if (size > longestHead) {
            throw new BadResponseException("a head of more than " + longestHead
                + " bytes" + limit);
        }
    }

    private void complete() throws BadResponseException {
        head.read(array, size);
        size = 0;
        matched = 0;
        int status = head.status();
        if (status == SWITCHING && !upgrade) {
            throw new BadResponseException("a change of the protocol that nobody asked for");
        }
        if (status < LEAST_FINAL && status != SWITCHING) {
            if (++interim > MOST_INTERIM) {
                throw new BadResponseException("more than " + MOST_INTERIM + " interim responses");
            }
            sink.interim(head);
            return;
        }
        state = first(status);
        sink.head(head);
        silent = true;
        if (state == State.DONE) {
            finish();
        }
    }

    private State first(int status) {
        left = head.length();
        if (status == SWITCHING) {
            return State.UNTIL_CLOSE;
        }
        if (bodiless || status == 204 || status == 304 || left == 0) {
            return State.DONE;
        }
        if (head.isChunked()) {
            size();
            return State.SIZE;
        }
        return left > 0 ? State.LENGTH : State.UNTIL_CLOSE;
    }

    // ---- body ---------------------------------------------------------

    private void hold(ByteBuf part) {
        silent = false;
        if (held != null) {
            ByteBuf before = held;
            held = part;
            sink.data(before, false);
        } else {
            held = part;
        }
    }

    private void finish() {
        state = State.DONE;
        silent = false;
        ByteBuf part = held == null ? Unpooled.EMPTY_BUFFER : held;
        held = null;
        sink.data(part, true);
    }

    private void body(ByteBuf in) {
        int length = in.readableBytes();
        if (state == State.LENGTH) {
            length = (int) Math.min(length, left);
            left -= length;
        }
        hold(in.readRetainedSlice(length));
        if (state == State.LENGTH && left == 0) {
            finish();
        }
    }

    private void chunk(ByteBuf in) {
        int length = (int) Math.min(in.readableBytes(), left);
        left -= length;
        hold(in.readRetainedSlice(length));
        if (left == 0) {
            state = State.CHUNK_CR;
        }
    }

    private void size() {
        left = 0;
        counted = 0;
    }

    private void letter(byte letter) throws BadResponseException {
        switch (state) {
            case SIZE -> sizeLetter(letter);
            case EXTENSION -> {
                if (letter == '\r') {
                    state = State.SIZE_LF;
                } else if (!Ascii.isValue(letter) || ++counted > LONGEST_EXTENSION) {
                    throw new BadResponseException("a chunk with a bad extension");
                }
            }
            case SIZE_LF -> {
                expect(letter, '\n');
                counted = 0;
                state = left > 0 ? State.CHUNK : State.TRAILER;
            }
            case CHUNK_CR -> {
                expect(letter, '\r');
                state = State.CHUNK_LF;
            }
            case CHUNK_LF -> {
                expect(letter, '\n');
                size();
                state = State.SIZE;
            }
            default -> trailer(letter);
        }
    }

    private void sizeLetter(byte letter) throws BadResponseException {
        int digit = Ascii.hex(letter);
        if (digit >= 0 && counted < CHUNK_DIGITS) {
            left = left << 4 | digit;
            counted++;
        } else if (counted > 0 && letter == '\r') {
            state = State.SIZE_LF;
        } else if (counted > 0 && (letter == ';' || letter == ' ' || letter == '\t')) {
            state = State.EXTENSION;
        } else {
            throw new BadResponseException("a chunk with a bad size");
        }
    }

    private void trailer(byte letter) throws BadResponseException {
        if (++counted > rules.longestTrailer()) {
            throw new BadResponseException("a trailer of more than " + rules.longestTrailer() + " bytes");
        }
        switch (state) {
            case TRAILER -> {
                if (letter != '\r' && !Ascii.isToken(letter)) {
                    throw new BadResponseException("a trailer that is no field");
                }
                state = letter == '\r' ? State.END_LF : State.TRAILER_LINE;
                size = 0;
                remember(letter);
            }
            case TRAILER_LINE -> {
                if (letter == '\r') {
                    state = State.TRAILER_LF;
                } else if (!Ascii.isValue(letter)) {
                    throw new BadResponseException("a trailer with a control character");
                } else {
                    remember(letter);
                }
            }
            case TRAILER_LF -> {
                expect(letter, '\n');
                trailerField();
                state = State.TRAILER;
            }
            default -> {
                expect(letter, '\n');
                finish();
            }
        }
    }

    private void remember(byte letter) {
        if (size == array.length) {
            array = Arrays.copyOf(array, 2 * size);
        }
        array[size++] = letter;
    }

    private void trailerField() throws BadResponseException {
        int colon = 0;
        while (colon < size && Ascii.isToken(array[colon])) {
            colon++;
        }
        if (colon == size || array[colon] != ':') {
            throw new BadResponseException("a trailer that is no field");
        }
        sink.trailer(new AsciiString(array, 0, colon, true),
            Ascii.trim(new AsciiString(array, colon + 1, size - colon - 1, true)));
        size = 0;
    }

    private static void expect(byte letter, char wanted) throws BadResponseException {
        if (letter != wanted) {
            throw new BadResponseException("a chunk that does not end where it should");
        }
    }
}
