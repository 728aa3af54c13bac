// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import io.margay.lang.CgiEncoder;
import io.margay.lang.RequestEncoder;
import io.margay.lang.RequestView;
import io.margay.posix.FileStatus;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Chooses the script of a request, and writes the variables as FastCGI has them. */
final class PhpRequests implements RequestEncoder {

    private static final int MOVED = 301;
    private static final int FORBIDDEN = 403;
    private static final int NOT_FOUND = 404;
    private static final int UNAVAILABLE = 503;
    private static final int SHORT = 127;
    private static final int LONG_FORM = 0x8000_0000;
    private static final int MOST = 1 << 16;
    /** The place of PATH_INFO among the variables of every language: PHP's is another. */
    private static final int PATH_INFO_PLACE = 2;
    private static final byte[] PATH_INFO = bytes("PATH_INFO");
    private static final byte[] ROOT = bytes("DOCUMENT_ROOT");
    private static final byte[] FILE = bytes("SCRIPT_FILENAME");
    private static final byte[] NAME = bytes("SCRIPT_NAME");
    private static final byte[] HTTPS = bytes("HTTPS");
    private static final byte[] ON = bytes("on");
    private static final byte[] LENGTH = bytes("CONTENT_LENGTH");
    /** It would be taken for the proxy that the application itself is to use. */
    private static final byte[] PROXY = bytes("HTTP_PROXY");
    private static final AsciiString SUFFIX = AsciiString.cached(".php");
    private static final AsciiString INFIX = AsciiString.cached(".php/");
    private static final String PLAIN = "-._~!$&'()*+,;=:@/";

    /** A target with its parts as bytes. */
    private record Place(byte[] root, byte[] script, byte[] index) {
    }

    private final List<Place> places = new ArrayList<>();
    private final byte[] host;
    private final CgiEncoder variables = new CgiEncoder();
    private final ByteBuf scratch = Unpooled.buffer(MOST, MOST);
    /** What the last request is for: the script's name, and what follows it. */
    private byte[] script = {};
    private byte[] info = {};

    PhpRequests(PhpTargets targets) {
        host = targets.host().getBytes(StandardCharsets.UTF_8);
        targets.all().forEach(target -> places.add(new Place(target.root().getBytes(StandardCharsets.UTF_8),
            target.script().map(name -> ("/" + name).getBytes(StandardCharsets.UTF_8)).orElse(new byte[0]),
            target.index().getBytes(StandardCharsets.UTF_8))));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static byte[] join(byte[] first, byte[] second) {
        byte[] all = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, all, first.length, second.length);
        return all;
    }

    private static byte[] part(AsciiString text, int from, int to) {
        return Arrays.copyOfRange(text.array(), text.arrayOffset() + from, text.arrayOffset() + to);
    }

    private Place place(RequestView request) {
        return places.get(Math.min(request.targetIndex(), places.size() - 1));
    }

    // ---- the script ---------------------------------------------------

    /** Finds the script by its name; false when the path names none. */
    private boolean choose(RequestView request) {
        Place place = place(request);
        info = new byte[0];
        if (place.script.length > 0) {
            script = place.script;
            return true;
        }
        AsciiString path = request.path();
        int at = path.indexOf(INFIX);
        int end = at < 0 ? path.length() : at + SUFFIX.length();
        script = part(path, 0, end);
        info = part(path, end, path.length());
        if (at < 0 && path.length() > 0 && path.byteAt(path.length() - 1) == '/') {
            script = join(script, place.index);
            return true;
        }
        return at >= 0 || path.endsWith(SUFFIX);
    }

    @Override
    public Optional<Answer> answer(RequestView request) {
        boolean named = choose(request);
        if (isOutside(script)) {
            return error(NOT_FOUND);
        }
        return named ? Optional.empty() : other(request);
    }

    /** Paths have neither, unless a rewritten one has. */
    private static boolean isOutside(byte[] script) {
        String text = new String(script, StandardCharsets.ISO_8859_1);
        return !text.startsWith("/") || text.contains("/../") || text.endsWith("/..");
    }

    private static Optional<Answer> error(int status) {
        return Optional.of(new Answer(status, new byte[0]));
    }

    /** Files that are no scripts are not served, and directories by their names with a slash. */
    private Optional<Answer> other(RequestView request) {
        Optional<FileStatus> status;
        try {
            status = Files.status(join(host, join(place(request).root, script)));
        } catch (PosixException | IllegalArgumentException e) {
            return error(e instanceof PosixException ? FORBIDDEN : NOT_FOUND);
        }
        if (status.isEmpty()) {
            return error(NOT_FOUND);
        }
        return status.get().isDirectory() ? Optional.of(new Answer(MOVED, location(request))) : error(UNAVAILABLE);
    }

    private byte[] location(RequestView request) {
        StringBuilder text = new StringBuilder("Location: ").append(request.tls() ? "https://" : "http://")
            .append(request.serverName());
        String port = request.localPort().toString();
        if (!port.isEmpty() && !port.equals(request.tls() ? "443" : "80")) {
            text.append(':').append(port);
        }
        for (byte letter : script) {
            boolean plain = letter >= '0' && letter <= '9' || letter >= 'A' && letter <= 'Z'
                || letter >= 'a' && letter <= 'z' || PLAIN.indexOf(letter) >= 0;
            text.append(plain ? Character.toString((char) letter) : "%%%02X".formatted(letter & 0xff));
        }
        text.append('/');
        if (!request.query().isEmpty()) {
            text.append('?').append(request.query());
        }
        return text.append("\r\n").toString().getBytes(StandardCharsets.ISO_8859_1);
    }

    // ---- variables ----------------------------------------------------

    @Override
    public boolean encode(RequestView request, ByteBuf out) {
        choose(request);
        scratch.clear();
        if (!variables.encode(request, scratch)) {
            return false;
        }
        Place place = place(request);
        boolean fits = pair(out, ROOT, place.root.length == 0 ? new byte[] {'/'} : place.root)
            && pair(out, FILE, join(place.root, script)) && pair(out, NAME, script)
            && (info.length == 0 || pair(out, PATH_INFO, info)) && (!request.tls() || pair(out, HTTPS, ON));
        return fits && (lengthIsTold(request) || pair(out, LENGTH, bytes(Long.toString(request.contentLength()))))
            && variables(out);
    }

    /** A body that came in chunks has no field for its length, but PHP reads as much as it is told. */
    private static boolean lengthIsTold(RequestView request) {
        if (request.contentLength() == 0) {
            return true;
        }
        for (int i = 0; i < request.fieldCount(); i++) {
            if (request.fieldName(i).contentEqualsIgnoreCase("content-length")) {
                return true;
            }
        }
        return false;
    }

    /** Turns pairs that end with NUL into pairs that begin with their lengths. */
    private boolean variables(ByteBuf out) {
        byte[] all = scratch.array();
        int end = scratch.writerIndex();
        int at = 0;
        for (int place = 0; at <= end; place++) {
            int middle = find(all, at, end);
            int stop = find(all, middle + 1, end);
            boolean other = place == PATH_INFO_PLACE || Arrays.equals(all, at, middle, PROXY, 0, PROXY.length);
            if (!other && !pair(out, all, at, middle, stop)) {
                return false;
            }
            at = stop + 1;
        }
        return true;
    }

    private static int find(byte[] all, int from, int end) {
        int at = from;
        while (at < end && all[at] != 0) {
            at++;
        }
        return at;
    }

    private static boolean pair(ByteBuf out, byte[] name, byte[] value) {
        return room(out, name.length, value.length)
            && out.writeBytes(name).writeBytes(value) == out;
    }

    private static boolean pair(ByteBuf out, byte[] all, int at, int middle, int stop) {
        return room(out, middle - at, stop - middle - 1)
            && out.writeBytes(all, at, middle - at).writeBytes(all, middle + 1, stop - middle - 1) == out;
    }

    private static boolean room(ByteBuf out, int name, int value) {
        // Behind the variables there has to be room for the ends of two streams.
        if (out.writableBytes() < name + value + 64) {
            return false;
        }
        length(out, name);
        length(out, value);
        return true;
    }

    private static void length(ByteBuf out, int length) {
        if (length <= SHORT) {
            out.writeByte(length);
        } else {
            out.writeInt(length | LONG_FORM);
        }
    }
}
