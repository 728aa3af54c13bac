// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.AnswerHead;
import io.margay.http.Ascii;
import io.margay.http.BadResponseException;
import io.margay.http.CgiHead;
import io.margay.http.PlainLine;
import io.margay.http.RecordException;
import io.margay.http.RecordReader;
import io.margay.http.ReplyParser;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Answers in FastCGI: the head is made one of HTTP/1, which goes the way of all answers, so that no line of a script is
 * understood in another way than that of a server. The answer ends with its record, not with its length; a body that is
 * shorter than its length is cut, of a longer one the rest is dropped.
 */
final class FastCgiAnswers implements AnswerReader, RecordReader.Sink, ReplyParser.Sink {
    private static final int LEAST_STATUS = 200;
    private static final int LONGEST_LINE = 4096;
    private static final int ROOM = 512;
    /** What a server may send of a body that nobody wants, before it loses its connection. */
    private static final int MOST_DROPPED = 1 << 20;
    /** Framing is FastCGI's alone: a script does not change it. Names in lower case. */
    private static final List<byte[]> FRAMING = List.of(word("transfer-encoding"), word("connection"),
        word("keep-alive"), word("upgrade"), word("te"), word("trailer"), word("proxy-connection"));

    private final int longestHead;
    private final Sink sink;
    private final ReplyParser parser;
    private RecordReader records = new RecordReader();
    private CgiHead head;
    private ByteBuf held = Unpooled.EMPTY_BUFFER;
    private BadResponseException bad;
    private boolean heard;
    private boolean headed;
    /** Whether something has come that was not handed over, if only a head. */
    private boolean fresh;
    private int dropped;

    /**
     * Creates the reader of a connection.
     *
     * @param longestHead bytes that a head may have
     * @param sink takes the answers
     */
    FastCgiAnswers(int longestHead, Sink sink) {
        this.longestHead = longestHead;
        this.sink = sink;
        // Lines grow when they get the ends that they lack.
        parser = ReplyParser.lenient(2 * longestHead, this);
        head = head();
    }

    private CgiHead head() {
        return new CgiHead(longestHead, warning -> sink.says("sent a bad head: " + warning));
    }

    private static byte[] word(String word) {
        return word.getBytes(StandardCharsets.US_ASCII);
    }

    @Override
    public void begin(boolean toHead, boolean toUpgrade) {
        parser.begin(toHead, false);
        close();
        head = head();
        heard = false;
        headed = false;
        fresh = false;
        bad = null;
        dropped = 0;
    }

    @Override
    public boolean isUntouched() {
        return !heard && records.isAtRest();
    }

    @Override
    public boolean keepsAlive() {
        return records.isAtRest() && dropped <= MOST_DROPPED;
    }

    @Override
    public void read(ByteBuf in) throws BadResponseException, RecordException {
        boolean ended = false;
        try {
            ended = records.read(in, this);
            if (bad != null) {
                throw bad;
            }
            if (ended) {
                end();
            }
        } finally {
            if (!ended) {
                give(false);
            }
        }
    }

    private void end() throws RecordException {
        if (records.protocolStatus() != 0) {
            throw new RecordException("a refusal of the request, status " + records.protocolStatus());
        }
        heard = true;
        if (!headed) {
            throw new RecordException(head.isBegun() ? "a head without an end" : "no answer");
        }
        if (parser.eof() != ReplyParser.End.COMPLETE) {
            throw new RecordException("a body that is shorter than its Content-Length");
        }
        give(true);
    }

    /** Hands over what has come of the body. */
    private void give(boolean last) {
        if (last || fresh) {
            fresh = false;
            ByteBuf part = held;
            held = Unpooled.EMPTY_BUFFER;
            sink.data(part, last);
        }
    }

    @Override
    public boolean eof() {
        if (!parser.isDone()) {
            return false;
        }
        // The client can have all of it, though the server did not say so.
        give(true);
        return true;
    }

    @Override
    public void close() {
        head.release();
        held.release();
        held = Unpooled.EMPTY_BUFFER;
    }

    // ---- records ------------------------------------------------------

    @Override
    public void output(ByteBuf bytes) throws RecordException {
        heard = true;
        if (bad != null) {
            return;
        }
        if (!headed && !begins(bytes)) {
            return;
        }
        if (parser.isDone()) {
            dropped += bytes.readableBytes();
            if (dropped > MOST_DROPPED) {
                throw new RecordException("a body that is longer than its Content-Length");
            }
            return;
        }
        feed(bytes);
        if (parser.isDone()) {
            dropped += bytes.readableBytes();
        }
    }

    private boolean begins(ByteBuf bytes) throws RecordException {
        CgiHead.Result result = head.take(bytes);
        if (result == CgiHead.Result.MORE) {
            return false;
        }
        if (result == CgiHead.Result.TOO_LARGE) {
            throw new RecordException("a head of more than " + longestHead + " bytes");
        }
        if (result == CgiHead.Result.NO_STATUS || head.status() < LEAST_STATUS) {
            throw new RecordException("a status that is none of an answer");
        }
        headed = true;
        ByteBuf http = Unpooled.buffer(ROOM);
        http.writeCharSequence("HTTP/1.1 " + head.status() + " \r\n", StandardCharsets.US_ASCII);
        fields(head.fields(), http);
        http.writeByte('\r').writeByte('\n');
        head.release();
        feed(http);
        return bad == null;
    }

    /** Copies the lines but those that would frame the answer. */
    private static void fields(ByteBuf lines, ByteBuf to) {
        while (lines.isReadable()) {
            int start = lines.readerIndex();
            int end = lines.indexOf(start, lines.writerIndex(), (byte) '\n') + 1;
            if (!isFraming(lines, start, end)) {
                to.writeBytes(lines, start, end - start);
            }
            lines.readerIndex(end);
        }
    }

    private static boolean isFraming(ByteBuf lines, int start, int end) {
        for (byte[] word : FRAMING) {
            int at = 0;
            while (at < word.length && start + at < end && Ascii.lower(lines.getByte(start + at)) == word[at]) {
                at++;
            }
            if (at == word.length && !Ascii.isToken(lines.getByte(start + at))) {
                return true;
            }
        }
        return false;
    }

    private void feed(ByteBuf bytes) {
        try {
            parser.read(bytes);
        } catch (BadResponseException e) {
            bad = e;
        }
    }

    @Override
    public void errors(ByteBuf bytes) {
        heard = true;
        while (bytes.isReadable()) {
            int end = bytes.indexOf(bytes.readerIndex(), bytes.writerIndex(), (byte) '\n');
            ByteBuf line = bytes.readSlice(end < 0 ? bytes.readableBytes() : end - bytes.readerIndex());
            bytes.skipBytes(end < 0 ? 0 : 1);
            if (line.isReadable()) {
                sink.says("says: " + PlainLine.of(line, LONGEST_LINE));
            }
        }
    }

    // ---- the answer in HTTP -------------------------------------------

    @Override
    public void head(AnswerHead made) {
        sink.head(made);
    }

    @Override
    public void data(ByteBuf part, boolean last) {
        fresh = true;
        if (!part.isReadable()) {
            part.release();
        } else if (held.isReadable()) {
            ByteBuf before = held;
            held = part;
            sink.data(before, false);
        } else {
            held = part;
        }
    }
}
