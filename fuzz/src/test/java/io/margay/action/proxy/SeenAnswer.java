// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.http.AnswerHead;
import io.margay.http.BadResponseException;
import io.margay.http.RecordException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** What one reader tells. */
final class SeenAnswer implements AnswerReader.Sink {
    private final StringBuilder heads = new StringBuilder();
    private final StringBuilder body = new StringBuilder();
    private final StringBuilder said = new StringBuilder();
    private final AnswerReader reader;
    private boolean last;
    private boolean bad;
    private boolean complete;

    SeenAnswer(boolean fastCgi, int longestHead, boolean toHead, boolean toUpgrade) {
        reader = fastCgi ? new FastCgiAnswers(longestHead, this) : new HttpAnswers(longestHead, this);
        reader.begin(toHead, toUpgrade);
    }

    /** Fails with a text unless something is so. */
    static void check(boolean good, Supplier<String> text) {
        if (!good) {
            throw new IllegalStateException(text.get());
        }
    }

    /** Whether it was no answer. */
    boolean isBad() {
        return bad;
    }

    /** Whether nothing is missing. */
    boolean isComplete() {
        return !bad && complete && !heads.isEmpty();
    }

    /** Reads an answer in pieces of this size. */
    void read(byte[] bytes, int piece) {
        try {
            for (int at = 0; at < bytes.length && !last; at += piece) {
                int size = Math.min(piece, bytes.length - at);
                reader.read(Unpooled.copiedBuffer(bytes, at, size));
            }
            complete = last || reader.eof();
        } catch (BadResponseException | RecordException e) {
            bad = true;
        } finally {
            reader.close();
        }
    }

    @Override
    public void says(String line) {
        check(line.chars().noneMatch(c -> c < ' '), () -> "a line that ends another: " + line);
        said.append(line);
    }

    @Override
    public void head(AnswerHead head) {
        check(!last, () -> "a head behind the end");
        check(head.status() >= 100 && head.status() <= 999, () -> "status " + head.status());
        String fields = head.fields().toString(StandardCharsets.ISO_8859_1);
        check(!fields.replace("\r\n", "").contains("\n") && fields.indexOf('\0') < 0, () -> "fields " + fields);
        heads.append(head.status()).append(' ').append(head.length()).append(fields);
    }

    @Override
    public void data(ByteBuf part, boolean end) {
        check(!last && !heads.isEmpty(), () -> "a body without a head, or behind the end");
        body.append(part.toString(StandardCharsets.ISO_8859_1));
        last = end;
        part.release();
    }

    /** Of what is no answer the beginning may have been taken for one. */
    @Override
    public String toString() {
        return bad ? "bad" : heads + "|" + body + "|" + complete;
    }
}
