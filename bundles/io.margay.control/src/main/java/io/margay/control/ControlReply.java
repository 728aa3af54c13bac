// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * The answer to a {@link ControlRequest} ({@code spec/control-api.md §5}).
 *
 * @param status of HTTP
 * @param type of the content, {@code application/json} for most
 * @param body the content; empty with status 304
 * @param headers further header fields by name, in order; values without line ends
 * @param stream what comes instead of the body, piece by piece until it completes or the client goes; its length is not
 *     told. It is subscribed to once, on the loop, and asked for one piece at a time
 */
public record ControlReply(int status, String type, byte[] body, Map<String, String> headers,
    Optional<Flow.Publisher<byte[]>> stream) {

    /** What a path without a value is answered with. */
    public static final String NO_VALUE = "Value doesn't exist.";

    private static final String JSON = "application/json";

    /** JSON, without further header fields. */
    public ControlReply(int status, byte[] body) {
        this(status, JSON, body, Map.of(), Optional.empty());
    }

    /** Bytes of any type, with status 200. */
    public static ControlReply bytes(String type, byte[] content) {
        return new ControlReply(200, type, content, Map.of(), Optional.empty());
    }

    /** Pieces of any type, with status 200, for events and for what is too long to be held. */
    public static ControlReply stream(String type, Flow.Publisher<byte[]> pieces) {
        return new ControlReply(200, type, new byte[0], Map.of(), Optional.of(pieces));
    }

    /** The same with one more header field. */
    public ControlReply with(String name, String value) {
        Map<String, String> more = new LinkedHashMap<>(headers);
        more.put(name, value);
        return new ControlReply(status, type, body, more, stream);
    }

    /** 200 with a value. */
    public static ControlReply value(Conf value) {
        return new ControlReply(200, ConfWriter.pretty(value));
    }

    /** 200 of a deed that is done. */
    public static ControlReply success(String text) {
        return value(ConfObject.builder().put("success", text).build());
    }

    /** The same, with something to worry about. */
    public static ControlReply successBut(String text, String warning) {
        return value(ConfObject.builder().put("success", text).put("warning", warning).build());
    }

    /** A failure. */
    public static ControlReply error(int status, String text) {
        return new ControlReply(status, ConfWriter.pretty(ConfObject.builder().put("error", text).build()));
    }

    /** A failure, with its reason. */
    public static ControlReply error(int status, String text, String detail) {
        return new ControlReply(status, ConfWriter.pretty(
            ConfObject.builder().put("error", text).put("detail", detail).build()));
    }

    /** 404. */
    public static ControlReply missing() {
        return error(404, NO_VALUE);
    }

    /** 405 of the resources that only ever read. */
    public static ControlReply invalidMethod() {
        return error(405, "Invalid method.");
    }

    /** 405 of the others. */
    public static ControlReply methodNotAllowed() {
        return error(405, "Method isn't allowed.");
    }
}
