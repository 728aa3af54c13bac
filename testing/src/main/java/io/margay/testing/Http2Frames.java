// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Frames of HTTP/2 as a client may send them, right or wrong, and a look at those of a server. */
public final class Http2Frames {
    /** DATA. */
    public static final int DATA = 0;
    /** HEADERS. */
    public static final int HEADERS = 1;
    /** PRIORITY. */
    public static final int PRIORITY = 2;
    /** RST_STREAM. */
    public static final int RESET = 3;
    /** SETTINGS. */
    public static final int SETTINGS = 4;
    /** PING. */
    public static final int PING = 6;
    /** GOAWAY. */
    public static final int GOAWAY = 7;
    /** WINDOW_UPDATE. */
    public static final int WINDOW = 8;
    /** CONTINUATION. */
    public static final int CONTINUATION = 9;
    /** The flag of the last frame of a stream. */
    public static final int END_STREAM = 1;
    /** The flag of the last part of a list of fields. */
    public static final int END_HEADERS = 4;

    private static final int HEAD = 9;
    private static final int INTEGER = 127;

    private Http2Frames() {
    }

    /**
     * One frame.
     *
     * @param payload its own
     */
    public record Frame(int type, int flags, int stream, byte[] payload) {

        /** The number at the begin of the payload: the code of a reset. */
        public int number() {
            return ByteBuffer.wrap(payload).getInt();
        }

        /** The code of a GOAWAY. */
        public int code() {
            return ByteBuffer.wrap(payload).getInt(Integer.BYTES);
        }

        /** Whether a flag is set. */
        public boolean has(int flag) {
            return (flags & flag) != 0;
        }
    }

    /** {@return what a client begins with, with its settings as pairs of id and value} */
    public static byte[] preface(int... settings) {
        ByteBuffer pairs = ByteBuffer.allocate(settings.length * 3);
        for (int i = 0; i < settings.length; i += 2) {
            pairs.putShort((short) settings[i]).putInt(settings[i + 1]);
        }
        return join("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".getBytes(StandardCharsets.US_ASCII),
            frame(SETTINGS, 0, 0, pairs.array()));
    }

    /** {@return one frame} */
    public static byte[] frame(int type, int flags, int stream, byte... payload) {
        return ByteBuffer.allocate(HEAD + payload.length).putShort((short) (payload.length >> 8))
            .put((byte) payload.length).put((byte) type).put((byte) flags).putInt(stream).put(payload).array();
    }

    /** {@return the HEADERS of a request; {@code last} if it has no body} */
    public static byte[] headers(int stream, boolean last, String... namesAndValues) {
        return frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, fields(namesAndValues));
    }

    /** {@return a GET without a body, with more fields} */
    public static byte[] get(int stream, String path, String... more) {
        String[] all = Arrays.copyOf(new String[] {":method", "GET", ":scheme", "http", ":authority", "localhost",
            ":path", path}, 8 + more.length);
        System.arraycopy(more, 0, all, 8, more.length);
        return headers(stream, true, all);
    }

    /** {@return a part of a body} */
    public static byte[] data(int stream, boolean last, String text) {
        return frame(DATA, last ? END_STREAM : 0, stream, text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** {@return a frame whose payload is one number, as RST_STREAM and WINDOW_UPDATE} */
    public static byte[] number(int type, int stream, int number) {
        return frame(type, 0, stream, ByteBuffer.allocate(Integer.BYTES).putInt(number).array());
    }

    /** {@return a list of fields, none of which is remembered} */
    public static byte[] fields(String... namesAndValues) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            out.write(0);
            text(namesAndValues[i], out);
            text(namesAndValues[i + 1], out);
        }
        return out.toByteArray();
    }

    private static void text(String text, ByteArrayOutputStream out) {
        int rest = text.length() - INTEGER;
        out.write(Math.min(INTEGER, text.length()));
        if (rest >= 0) {
            for (; rest > INTEGER; rest >>= 7) {
                out.write(rest & INTEGER | INTEGER + 1);
            }
            out.write(rest);
        }
        out.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** {@return these one after the other} */
    public static byte[] join(byte[]... parts) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (byte[] part : parts) {
            all.writeBytes(part);
        }
        return all.toByteArray();
    }

    /** {@return the frames that are complete in what was received} */
    public static List<Frame> parse(byte[] received) {
        List<Frame> frames = new ArrayList<>();
        ByteBuffer in = ByteBuffer.wrap(received);
        while (in.remaining() >= HEAD) {
            int length = in.getShort(in.position()) << 8 & 0xffff00 | in.get(in.position() + 2) & 0xff;
            if (in.remaining() < HEAD + length) {
                break;
            }
            byte[] payload = new byte[length];
            Frame frame = new Frame(in.get(in.position() + 3), in.get(in.position() + 4), in.getInt(in.position() + 5),
                payload);
            in.position(in.position() + HEAD).get(payload);
            frames.add(frame);
        }
        return frames;
    }
}
