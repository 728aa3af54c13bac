// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http2;

import io.margay.http.Answer;
import io.margay.http.Fields;
import io.margay.http.HttpDate;
import io.margay.http.ResponseHead;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.util.AsciiString;
import java.util.Set;

/**
 * Makes the lists of fields of responses: names in lower case, nothing that belongs to a connection (RFC 9113 §8.2),
 * and what the server adds (spec/http.md §10.2). Belongs to one loop.
 */
final class HeadMaker {
    private static final AsciiString SERVER = AsciiString.cached("server");
    private static final AsciiString DATE = AsciiString.cached("date");
    private static final AsciiString LENGTH = AsciiString.cached("content-length");
    private static final AsciiString WEBSOCKET_VERSION = AsciiString.cached("sec-websocket-version");
    private static final AsciiString THIRTEEN = AsciiString.cached("13");
    private static final AsciiString PLAIN = AsciiString.cached("Unit");
    private static final int UPGRADE_REQUIRED = 426;
    private static final int CODES = 1000;
    private static final AsciiString[] STATUS = new AsciiString[CODES];
    /** Those of HTTP/1 that mean nothing here, and would make the response malformed. */
    private static final Set<AsciiString> DROPPED = Set.of(AsciiString.cached("connection"),
        AsciiString.cached("keep-alive"), AsciiString.cached("proxy-connection"),
        AsciiString.cached("transfer-encoding"), AsciiString.cached("upgrade"));

    private final AsciiString server;

    HeadMaker(String version) {
        server = AsciiString.of("Unit/" + version);
    }

    /** What {@code server} says. */
    AsciiString server(boolean withVersion) {
        return withVersion ? server : PLAIN;
    }

    private static DefaultHttp2Headers begin(int code, int fields) {
        DefaultHttp2Headers headers = new DefaultHttp2Headers(false, Math.max(8, fields));
        headers.add(Http2Headers.PseudoHeaderName.STATUS.value(), status(code));
        return headers;
    }

    /** Three digits; codes outside 0-999 are sent as 500. */
    private static AsciiString status(int code) {
        int index = code >= 0 && code < CODES ? code : 500;
        AsciiString text = STATUS[index];
        if (text == null) {
            text = AsciiString.of(Integer.toString(CODES + index).substring(1));
            // Racing loops write equal texts.
            STATUS[index] = text;
        }
        return text;
    }

    /** A whole answer. */
    Http2Headers answer(Answer answer, boolean withVersion, byte[] date) {
        Fields fields = answer.fields();
        DefaultHttp2Headers headers = begin(answer.status(), fields.size());
        put(headers, fields);
        headers.add(SERVER, server(withVersion));
        headers.add(DATE, new AsciiString(date, 0, HttpDate.LENGTH, true));
        headers.add(LENGTH, decimal(answer.body().length));
        if (answer.status() == UPGRADE_REQUIRED) {
            headers.add(WEBSOCKET_VERSION, THIRTEEN);
        }
        return headers;
    }

    /** The head of a response whose body follows. */
    Http2Headers response(int code, ResponseHead head, boolean withVersion, byte[] date) {
        DefaultHttp2Headers headers = begin(code, head.size());
        for (int i = 0, n = head.size(); i < n; i++) {
            put(headers, head.name(i), head.value(i));
        }
        headers.add(SERVER, server(withVersion));
        if (!head.hasDate()) {
            headers.add(DATE, new AsciiString(date, 0, HttpDate.LENGTH, true));
        }
        if (head.contentLength() >= 0 && !head.hasLengthField()) {
            headers.add(LENGTH, decimal(head.contentLength()));
        }
        return headers;
    }

    /** An interim response. */
    static Http2Headers interim(int code, Fields fields) {
        DefaultHttp2Headers headers = begin(code, fields.size());
        put(headers, fields);
        return headers;
    }

    /** Fields after a body. */
    static Http2Headers trailers(Fields fields) {
        DefaultHttp2Headers headers = new DefaultHttp2Headers(false, Math.max(2, fields.size()));
        put(headers, fields);
        return headers;
    }

    private static void put(DefaultHttp2Headers headers, Fields fields) {
        for (int i = 0; i < fields.size(); i++) {
            put(headers, fields.name(i), fields.value(i));
        }
    }

    private static void put(DefaultHttp2Headers headers, AsciiString name, AsciiString value) {
        AsciiString lower = name.toLowerCase();
        if (!DROPPED.contains(lower)) {
            headers.add(lower, trimmed(value));
        }
    }

    /** Applications may write spaces around a value, which HTTP/2 forbids (RFC 9113 §8.2.1). */
    private static AsciiString trimmed(AsciiString value) {
        int start = 0;
        int end = value.length();
        while (start < end && isBlank(value.byteAt(start))) {
            start++;
        }
        while (end > start && isBlank(value.byteAt(end - 1))) {
            end--;
        }
        return end - start == value.length() ? value : value.subSequence(start, end);
    }

    private static boolean isBlank(byte c) {
        return c == ' ' || c == '\t';
    }

    private static AsciiString decimal(long number) {
        return AsciiString.of(Long.toString(number));
    }
}
