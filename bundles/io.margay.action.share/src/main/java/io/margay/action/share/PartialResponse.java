// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Parts of a file: one as it is, several as {@code multipart/byteranges} (RFC 9110 §14.6), read when the client takes
 * them. On the loop.
 */
final class PartialResponse {
    private static final AsciiString CONTENT_RANGE = AsciiString.cached("Content-Range");
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");
    private static final int PARTIAL = 206;
    private static final int UNSATISFIED = 416;
    private static final int PIECE = 64 * 1024;

    private final Exchange exchange;
    private final Content content;
    private final Iterator<Ranges.Part> parts;
    private final String delimiter;
    private final String head;
    private long first;
    private long left;

    private PartialResponse(Exchange exchange, Content content, List<Ranges.Part> parts, String type) {
        this.exchange = exchange;
        this.content = content;
        this.parts = parts.iterator();
        delimiter = "\r\n--" + HexFormat.of().toHexDigits(ThreadLocalRandom.current().nextLong());
        head = type.isEmpty() ? "" : TYPE + ": " + type + "\r\n";
    }

    /**
     * Answers with parts of a file.
     *
     * @param fields of the whole file
     * @param content taken over
     */
    static void respond(Exchange exchange, Fields fields, Content content, Ranges ranges) {
        boolean handedOver = false;
        try {
            List<Ranges.Part> parts = ranges.parts();
            if (parts.isEmpty()) {
                Answer page = exchange.loop().pages().of(UNSATISFIED);
                exchange.respond(UNSATISFIED, page.fields().and(CONTENT_RANGE,
                    AsciiString.of("bytes */" + content.size())), page.body());
            } else if (parts.size() > 1) {
                handedOver = true;
                several(exchange, fields, content, parts);
            } else {
                Ranges.Part part = parts.getFirst();
                Fields all = fields.and(CONTENT_RANGE, AsciiString.of(range(part, content.size())));
                if (content instanceof Content.Open open) {
                    exchange.respond(PARTIAL, all, open.slice(part.first(), part.count()));
                } else {
                    exchange.respond(PARTIAL, all, content.read(part.first(), (int) part.count()));
                }
            }
        } catch (IOException e) {
            exchange.loop().log().error("a file could not be read: " + e.getMessage());
            exchange.fail(500);
        } finally {
            if (!handedOver) {
                content.close();
            }
        }
    }

    private static void several(Exchange exchange, Fields fields, Content content, List<Ranges.Part> parts) {
        String type = "";
        Fields all = Fields.NONE;
        for (int i = 0; i < fields.size(); i++) {
            if (fields.name(i).contentEqualsIgnoreCase(TYPE)) {
                type = fields.value(i).toString();
            } else {
                all = all.and(fields.name(i), fields.value(i));
            }
        }
        PartialResponse response = new PartialResponse(exchange, content, parts, type);
        exchange.onDone((ended, complete) -> content.close());
        long length = response.delimiter.length() + 4L;
        for (Ranges.Part part : parts) {
            length += response.head(part).length() + part.count();
        }
        if (exchange.start(PARTIAL, all.and(TYPE, AsciiString.of("multipart/byteranges; boundary="
            + response.delimiter.substring(4))), length)) {
            response.next();
        }
    }

    private static String range(Ranges.Part part, long size) {
        return "bytes " + part.first() + "-" + (part.first() + part.count() - 1) + "/" + size;
    }

    private String head(Ranges.Part part) {
        return delimiter + "\r\n" + head + CONTENT_RANGE + ": " + range(part, content.size()) + "\r\n\r\n";
    }

    private void write(String text, boolean last) {
        exchange.write(Unpooled.copiedBuffer(text, StandardCharsets.UTF_8), last);
    }

    /** Writes as much as the client takes now. */
    private void next() {
        try {
            while (!exchange.isDone()) {
                if (!exchange.isWritable()) {
                    exchange.onWritable(this::next);
                    exchange.flush();
                    return;
                }
                if (left > 0) {
                    int count = (int) Math.min(PIECE, left);
                    exchange.write(content.read(first, count), false);
                    first += count;
                    left -= count;
                } else if (parts.hasNext()) {
                    Ranges.Part part = parts.next();
                    first = part.first();
                    left = part.count();
                    write(head(part), false);
                } else {
                    write(delimiter + "--\r\n", true);
                }
            }
        } catch (IOException e) {
            exchange.loop().log().error("a file could not be read: " + e.getMessage());
            exchange.abort();
        }
    }
}
