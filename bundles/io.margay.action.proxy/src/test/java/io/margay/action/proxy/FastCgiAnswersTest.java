// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.http.AnswerHead;
import io.margay.http.Records;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers are not trusted: an answer is understood in one way, or not at all. */
class FastCgiAnswersTest {
    private static final int LONGEST_HEAD = 200;

    private final StringBuilder seen = new StringBuilder();
    private final FastCgiAnswers answers = new FastCgiAnswers(LONGEST_HEAD, new AnswerReader.Sink() {
        @Override
        public void says(String line) {
            seen.append('<').append(line).append('>');
        }

        @Override
        public void head(AnswerHead head) {
            seen.append(head.status()).append(' ').append(head.length()).append(' ')
                .append(head.fields().toString(StandardCharsets.ISO_8859_1).replace("\r\n", ";"));
        }

        @Override
        public void data(ByteBuf part, boolean last) {
            seen.append('|').append(part.toString(StandardCharsets.ISO_8859_1)).append(last ? "." : "");
            part.release();
        }
    });

    /** {@code o:TEXT}, {@code e:TEXT}, {@code end} and {@code end:STATUS} as records, with padding. */
    private static ByteBuf records(String text) {
        ByteBuf out = Unpooled.buffer();
        for (String record : text.split(" {2}")) {
            String contents = record.substring(Math.min(record.length(), 2)).replace("\\r", "\r").replace("\\n", "\n");
            for (char c = 0; c < 8; c++) {
                contents = contents.replace("\\" + (int) c, String.valueOf(c));
            }
            if (record.startsWith("end")) {
                Records.header(out, Records.END_REQUEST, Records.BODY);
                out.writeInt(0).writeByte(record.startsWith("end:") ? record.charAt(4) - '0' : 0).writeZero(3);
            } else if (record.startsWith("raw:")) {
                out.writeCharSequence(contents.substring(2), StandardCharsets.ISO_8859_1);
            } else {
                int type = record.startsWith("o:") ? Records.STDOUT : Records.STDERR;
                out.writeByte(1).writeByte(type).writeShort(1).writeShort(contents.length()).writeByte(3).writeByte(0);
                out.writeCharSequence(contents, StandardCharsets.ISO_8859_1);
                out.writeZero(3);
            }
        }
        return out;
    }

    private void feed(String text, int piece) throws Exception {
        ByteBuf all = records(text);
        while (all.isReadable()) {
            answers.read(all.readRetainedSlice(Math.min(piece, all.readableBytes())));
        }
    }

    private String whole(String text) throws Exception {
        seen.setLength(0);
        answers.begin(false, true);
        feed(text, 1 << 16);
        return seen.toString();
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
        "o:A: b\\r\\n\\r\\nbody  end => 200 -1 A: b;|body.",
        "o:A: b\\n\\nbody  end => 200 -1 A: b;|body.",
        "o:Status: 404 Not Found\\r\\n\\r\\n  end => 404 -1 |.",
        "o:Location: /x\\r\\n\\r\\n  end => 302 -1 Location: /x;|.",
        "o:Content-Length: 2\\r\\n\\r\\nab  end => 200 2 Content-Length: 2;|ab.",
        // What is longer than it was said to be is not given to the client, nor read as another answer.
        "o:Content-Length: 2\\r\\n\\r\\nabHTTP/1.1 200 OK  end => 200 2 Content-Length: 2;|ab.",
        "o:Status: 204\\r\\n\\r\\nbody  end => 204 -1 |.",
        // A length that is none is dropped; the record ends the body.
        "o:Content-Length: x\\r\\n\\r\\nab  end => 200 -1 |ab.",
        "o:Content-Length: 1\\r\\nContent-Length: 2\\r\\n\\r\\nab  end => 200 -1 |ab.",
        // Nothing a script says frames the answer.
        "o:Transfer-Encoding: chunked\\r\\n\\r\\n0\\r\\n\\r\\n  end => 200 -1 |0\\r\\n\\r\\n.",
        "o:transfer-encoding : chunked\\nA: b\\n\\nx  end => 200 -1 A: b;|x.",
        "o:Connection: A, close\\nKeep-Alive: 1\\nUpgrade: h2c\\nTE: x\\nTrailer:\\nA: b\\n\\n  end => 200 -1 A: b;|.",
        "o:Connections: yes\\n\\n  end => 200 -1 Connections: yes;|.",
        "e:PHP message:\\1\\nsecond  o:\\nx  end => <says: PHP message: ><says: second>200 -1 |x.",
        "o:no field\\nA: b\\n\\n  end => <sent a bad head: colon not found in header 'no field'>200 -1 A: b;|."})
    void understandsAnswers(String text, String expected) throws Exception {
        assertEquals(expected.replace("\\r", "\r").replace("\\n", "\n"), whole(text));
        assertTrue(answers.keepsAlive());
        String joined = seen.toString().replace("|", "");
        ByteBuf all = records(text);
        for (int piece = 1; piece < all.readableBytes(); piece += 3) {
            seen.setLength(0);
            answers.begin(false, true);
            feed(text, piece);
            if (!text.startsWith("e:")) {
                assertEquals(joined, seen.toString().replace("|", ""), "pieces of " + piece);
            }
        }
    }

    @ParameterizedTest
    @CsvSource(delimiterString = " => ", quoteCharacter = '`', value = {
        "end => no answer",
        "e:trouble  end => no answer",
        "o:A: b\\r\\n  end => a head without an end",
        "o:Status: 99\\n\\n  end => a status that is none of an answer",
        "o:Status: 101\\n\\n  end => a status that is none of an answer",
        "o:Status: 100\\n\\nStatus: 200\\n\\n  end => a status that is none of an answer",
        "o:A\\1: b\\n\\n  end => a head with a line that is no field",
        "o:A B: c\\n\\n  end => a head with a line that is no field",
        "o:A: b\\rSet-Cookie: c\\n\\n  end => a head with a control character, or a line that does not end with CRLF",
        "o:A: b\\0\\n\\n  end => a head with a control character, or a line that does not end with CRLF",
        "o:: b\\n\\n  end => a head with a line that is no field",
        "o:Content-Length: 3\\n\\nab  end => a body that is shorter than its Content-Length",
        "end:2 => a refusal of the request, status 2",
        "o:\\nab  end:1 => a refusal of the request, status 1",
        "raw:HTTP/1.1 200 OK => a record of version 72",
        "raw:\\1\\6\\0\\2\\0\\1\\0\\0 => a record of request 2, which it does not have",
        "raw:\\1\\5\\0\\1\\0\\1\\0\\0 => a record of the unexpected type 5"})
    void refusesWhatIsNone(String text, String expected) {
        assertEquals(expected, assertThrows(Exception.class, () -> whole(text)).getMessage());
        assertFalse(seen.toString().endsWith("."), seen.toString());
    }

    @Test
    void aHeadHasALimit() {
        assertEquals("a head of more than 200 bytes", assertThrows(Exception.class,
            () -> whole("o:A: " + "b".repeat(LONGEST_HEAD))).getMessage());
        assertEquals("a head of more than 200 bytes", assertThrows(Exception.class,
            () -> whole("o:A: " + "b".repeat(LONGEST_HEAD) + "\\n\\n")).getMessage());
    }

    /** Whoever waits for an answer to HEAD gets none of the body, and the next answer is read from its beginning. */
    @Test
    void anAnswerToHeadHasNoBody() throws Exception {
        answers.begin(true, false);
        feed("o:Content-Length: 4\\n\\nbody  end", 5);
        assertEquals("200 4 Content-Length: 4;||.", seen.toString());
        assertEquals("200 -1 |x.", whole("o:\\nx  end"));
    }

    @Test
    void aBodyThatNobodyWantsEndsSomewhere() throws Exception {
        answers.begin(true, false);
        feed("o:\\n", 100);
        String part = "o:" + "x".repeat(60_000);
        assertEquals("a body that is longer than its Content-Length", assertThrows(Exception.class, () -> {
            for (int i = 0; i < 18; i++) {
                feed(part, 1 << 17);
            }
        }).getMessage());
    }

    /** A request is sent again only when nothing of an answer has come. */
    @ParameterizedTest
    @ValueSource(strings = {"o:A", "e:x", "raw:\u0001"})
    void whatHasComeIsNoticed(String text) throws Exception {
        answers.begin(false, false);
        assertTrue(answers.isUntouched());
        feed(text, 100);
        assertFalse(answers.isUntouched());
        assertFalse(answers.eof());
    }

    /** The server refuses what it has not begun, so another one may have it. */
    @Test
    void aRefusalTouchesNothing() {
        assertThrows(Exception.class, () -> whole("end:2"));
        assertTrue(answers.isUntouched());
    }

    @Test
    void aBodyThatIsCompleteByItsLengthNeedsNoEnd() throws Exception {
        answers.begin(false, false);
        feed("o:Content-Length: 2\\n\\nab", 100);
        assertTrue(answers.eof());
        assertEquals("200 2 Content-Length: 2;|ab|.", seen.toString());
        answers.begin(false, false);
        feed("o:\\nab", 100);
        assertFalse(answers.eof(), "the end of the connection is not that of a body");
    }

    @Test
    void whatFollowsTheEndStays() throws Exception {
        answers.begin(false, false);
        ByteBuf in = records("o:\\n\\n  end  o:x");
        answers.read(in);
        assertEquals(12, in.readableBytes());
    }
}
