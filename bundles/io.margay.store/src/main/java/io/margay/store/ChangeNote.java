// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import java.util.Arrays;
import java.util.List;

/**
 * Who has changed the configuration, and how. It travels and is kept as one line of JSON in front of the configuration,
 * so that one piece of memory, or one file, holds both.
 *
 * @param method of the request
 * @param path of the request, without its query
 * @param peer who has asked: numbers {@code uid}, {@code gid}, {@code pid}, or a text {@code address}
 */
public record ChangeNote(String method, String path, ConfObject peer) {

    /** Longest line in bytes, the line end included. */
    public static final int MAX_LINE = 8192;

    private static final int MAX_METHOD = 32;
    private static final int MAX_PATH = 1024;
    private static final int MAX_ADDRESS = 256;
    private static final List<String> IDS = List.of("uid", "gid", "pid");

    /** Keeps what may stand in a log: printable ASCII of bounded length, and of the peer only what is named above. */
    public ChangeNote {
        method = printable(method, MAX_METHOD);
        path = printable(path, MAX_PATH);
        ConfObject.Builder known = ConfObject.builder();
        for (String id : IDS) {
            if (peer.get(id).orElse(null) instanceof ConfNumber number) {
                known.put(id, number.longValue());
            }
        }
        peer.string("address").ifPresent(address -> known.put("address", printable(address, MAX_ADDRESS)));
        peer = known.build();
    }

    /** As members of a JSON object. */
    public ConfObject toConf() {
        return ConfObject.builder().put("method", method).put("path", path).put("peer", peer).build();
    }

    /** The line with its end, then the configuration. */
    public byte[] before(byte[] configuration) {
        return join(toConf(), configuration);
    }

    static byte[] join(ConfObject line, byte[] configuration) {
        byte[] first = ConfWriter.compact(line);
        byte[] both = Arrays.copyOf(first, first.length + 1 + configuration.length);
        both[first.length] = '\n';
        System.arraycopy(configuration, 0, both, first.length + 1, configuration.length);
        return both;
    }

    /**
     * Splits what {@link #before} has made.
     *
     * @throws IllegalArgumentException when it does not begin with such a line
     */
    public static Noted parse(byte[] both) {
        int end = end(both);
        ConfObject line = line(both, end);
        return new Noted(new ChangeNote(line.string("method").orElse(""), line.string("path").orElse(""),
            line.object("peer").orElse(ConfObject.EMPTY)), Arrays.copyOfRange(both, end + 1, both.length));
    }

    /** Where the first line ends. */
    static int end(byte[] bytes) {
        for (int i = 0; i < Math.min(bytes.length, MAX_LINE); i++) {
            if (bytes[i] == '\n') {
                return i;
            }
        }
        throw new IllegalArgumentException("a configuration comes without the note of its change");
    }

    static ConfObject line(byte[] bytes, int end) {
        try {
            return (ConfObject) ConfParser.parse(Arrays.copyOf(bytes, end));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new IllegalArgumentException("the note of a change is malformed: " + e.getMessage(), e);
        }
    }

    private static String printable(String text, int most) {
        String shown = text.length() > most ? text.substring(0, most - 3) + "..." : text;
        return shown.replaceAll("[^\\x20-\\x7E]", "?");
    }

    /**
     * A configuration with its note.
     *
     * @param note of its change
     * @param configuration compact JSON, not checked
     */
    public record Noted(ChangeNote note, byte[] configuration) {
    }
}
