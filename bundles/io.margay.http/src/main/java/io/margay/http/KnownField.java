// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;

/** The request fields that the server itself understands ({@code spec/http.md §5.2}), found without a search. */
public enum KnownField {
    /** Any other field. */
    OTHER(""),
    /** {@code Connection}. */
    CONNECTION("connection"),
    /** {@code Host}. */
    HOST("host"),
    /** {@code Content-Length}. */
    CONTENT_LENGTH("content-length"),
    /** {@code Transfer-Encoding}. */
    TRANSFER_ENCODING("transfer-encoding"),
    /** {@code Upgrade}. */
    UPGRADE("upgrade"),
    /** {@code Sec-WebSocket-Key}. */
    SEC_WEBSOCKET_KEY("sec-websocket-key"),
    /** {@code Sec-WebSocket-Version}. */
    SEC_WEBSOCKET_VERSION("sec-websocket-version"),
    /** {@code Cookie}. */
    COOKIE("cookie"),
    /** {@code Referer}. */
    REFERER("referer"),
    /** {@code User-Agent}. */
    USER_AGENT("user-agent"),
    /** {@code Content-Type}. */
    CONTENT_TYPE("content-type"),
    /** {@code Authorization}. */
    AUTHORIZATION("authorization"),
    /** {@code Expect}. */
    EXPECT("expect"),
    /** {@code Accept-Encoding}. */
    ACCEPT_ENCODING("accept-encoding"),
    /** {@code If-Match}. */
    IF_MATCH("if-match"),
    /** {@code If-Modified-Since}. */
    IF_MODIFIED_SINCE("if-modified-since"),
    /** {@code If-None-Match}. */
    IF_NONE_MATCH("if-none-match"),
    /** {@code If-Range}. */
    IF_RANGE("if-range"),
    /** {@code If-Unmodified-Since}. */
    IF_UNMODIFIED_SINCE("if-unmodified-since"),
    /** {@code Range}. */
    RANGE("range");

    private final AsciiString text;

    KnownField(String text) {
        this.text = AsciiString.cached(text);
    }

    /** The name in lower case. */
    public AsciiString text() {
        return text;
    }

    /** The field with the name {@code a[start..end)}, letter case ignored. */
    public static KnownField of(byte[] a, int start, int end) {
        KnownField candidate = switch (end - start) {
            case 4 -> HOST;
            case 5 -> RANGE;
            case 6 -> (a[start] | 0x20) == 'c' ? COOKIE : EXPECT;
            case 7 -> (a[start] | 0x20) == 'u' ? UPGRADE : REFERER;
            case 8 -> (a[start + 3] | 0x20) == 'm' ? IF_MATCH : IF_RANGE;
            case 10 -> (a[start] | 0x20) == 'c' ? CONNECTION : USER_AGENT;
            case 12 -> CONTENT_TYPE;
            case 13 -> (a[start] | 0x20) == 'a' ? AUTHORIZATION : IF_NONE_MATCH;
            case 14 -> CONTENT_LENGTH;
            case 15 -> ACCEPT_ENCODING;
            case 17 -> (a[start] | 0x20) == 't' ? TRANSFER_ENCODING
                : (a[start] | 0x20) == 'i' ? IF_MODIFIED_SINCE : SEC_WEBSOCKET_KEY;
            case 19 -> IF_UNMODIFIED_SINCE;
            case 21 -> SEC_WEBSOCKET_VERSION;
            default -> OTHER;
        };
        AsciiString name = candidate.text;
        return candidate != OTHER && Ascii.equalsIgnoreCase(a, start, name.array(), name.arrayOffset(), end - start)
            ? candidate : OTHER;
    }
}
