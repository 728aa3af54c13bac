// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import java.nio.charset.StandardCharsets;

/** Bytes of an application as the log shows them. */
public final class PlainLine {

    private PlainLine() {
    }

    /** One line of at most so many bytes, without control characters; the bytes stay unread. */
    public static String of(ByteBuf bytes, int most) {
        int length = Math.min(most, bytes.readableBytes());
        StringBuilder text = new StringBuilder(bytes.toString(bytes.readerIndex(), length, StandardCharsets.UTF_8));
        for (int i = 0; i < text.length(); i++) {
            if (Character.isISOControl(text.charAt(i))) {
                text.setCharAt(i, ' ');
            }
        }
        return text.append(length < bytes.readableBytes() ? "..." : "").toString();
    }
}
