// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.Answer;
import io.margay.http.HttpDate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;

/** An answer as it stands on the wire of HTTP/1.1 with keep-alive, but for the date. Immutable. */
final class Prepared {
    private final byte[] server;
    private final byte[] head;
    private final int date;

    private Prepared(byte[] server, byte[] head, int date) {
        this.server = server;
        this.head = head;
        this.date = date;
    }

    /** The one that the answer keeps, or a new one that it keeps from now on. */
    static Prepared of(Answer answer, byte[] server) {
        // One with another line, or of another version of this protocol, is replaced.
        if (answer.prepared() instanceof Prepared present && present.server == server) {
            return present;
        }
        ByteBuf out = Unpooled.buffer(HeadWriter.EXTRA);
        int date = HeadWriter.answer(out, answer, server, false, true);
        byte[] head = new byte[out.readableBytes()];
        out.readBytes(head);
        Prepared made = new Prepared(server, head, date);
        answer.prepared(made);
        return made;
    }

    int size() {
        return head.length;
    }

    void write(ByteBuf out, byte[] now) {
        int start = out.writerIndex();
        out.writeBytes(head);
        out.setBytes(start + date, now, 0, HttpDate.LENGTH);
    }
}
