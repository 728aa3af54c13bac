// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.http.AnswerHead;
import io.margay.http.BadResponseException;
import io.margay.http.RecordException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import java.util.function.Supplier;

/** Any bytes of a server are an answer or none, the same one in whatever parts they come. */
public final class AnswerFuzz {
    private static final int LONGEST_HEAD = 400;

    private AnswerFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        boolean fastCgi = data.consumeBoolean();
        boolean toHead = data.consumeBoolean();
        boolean toUpgrade = data.consumeBoolean();
        int piece = data.consumeInt(1, 20);
        byte[] bytes = data.consumeRemainingAsBytes();
        Seen whole = new Seen(fastCgi, toHead, toUpgrade);
        whole.read(bytes, Math.max(1, bytes.length));
        Seen parts = new Seen(fastCgi, toHead, toUpgrade);
        parts.read(bytes, piece);
        check(whole.toString().equals(parts.toString()), () -> "whole: " + whole + "\nin parts: " + parts);
    }

    private static void check(boolean good, Supplier<String> text) {
        if (!good) {
            throw new IllegalStateException(text.get());
        }
    }

    /** What one reader tells. */
    private static final class Seen implements AnswerReader.Sink {
        private final StringBuilder heads = new StringBuilder();
        private final StringBuilder body = new StringBuilder();
        private final StringBuilder said = new StringBuilder();
        private final AnswerReader reader;
        private boolean last;
        private boolean bad;
        private boolean complete;

        Seen(boolean fastCgi, boolean toHead, boolean toUpgrade) {
            reader = fastCgi ? new FastCgiAnswers(LONGEST_HEAD, this) : new HttpAnswers(LONGEST_HEAD, this);
            reader.begin(toHead, toUpgrade);
        }

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
}
