// SPDX-License-Identifier: Apache-2.0
package io.margay.protocol.http1;

import io.margay.http.Ascii;
import io.margay.http.Authority;
import io.margay.http.HttpBinding;
import io.margay.http.HttpSettings;
import io.margay.http.KnownField;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * What the fields of a well-formed head mean for the connection: spec/http.md §5.2, §6 and §7.2.
 * Filled again for each request.
 */
final class HeadRules {
    private static final byte[] CLOSE = {'c', 'l', 'o', 's', 'e'};
    private static final byte[] KEEP_ALIVE = {'k', 'e', 'e', 'p', '-', 'a', 'l', 'i', 'v', 'e'};
    private static final byte[] UPGRADE = {'u', 'p', 'g', 'r', 'a', 'd', 'e'};
    private static final byte[] WEBSOCKET = {'w', 'e', 'b', 's', 'o', 'c', 'k', 'e', 't'};
    private static final byte[] CHUNKED = {'c', 'h', 'u', 'n', 'k', 'e', 'd'};
    private static final byte[] CONTINUE = "100-continue".getBytes(StandardCharsets.ISO_8859_1);
    private static final int NO_CODING = 0;
    private static final int OTHER_CODING = 1;
    private static final int CHUNKED_CODING = 2;

    boolean keepAlive;
    boolean webSocket;
    /** Whether the client asks for another protocol that may be there. */
    boolean asks;
    boolean chunked;
    boolean expectsContinue;
    long contentLength;

    private boolean connectionUpgrade;
    private boolean upgradeWebSocket;
    private boolean goodVersion;
    private boolean goodKey;
    private boolean hostSeen;
    private int coding;

    /** Whether the request can be accepted: 0, or the status of the error that ends it before its body. */
    int judge(RequestHead head, HttpBinding binding, boolean secure) {
        int status = apply(head, binding.settings(), secure);
        if (status == 0 && binding.tls() && !secure) {
            return Http1Exchange.PLAIN_ON_TLS;
        }
        return status != 0 ? status : framing(head, binding.settings());
    }

    /** Applies the fields in order; 0, or the status of the first error: 400, 413 or 426. */
    private int apply(RequestHead head, HttpSettings settings, boolean secure) {
        keepAlive = head.minor != 0;
        webSocket = false;
        asks = false;
        chunked = false;
        contentLength = -1;
        connectionUpgrade = false;
        upgradeWebSocket = false;
        goodVersion = false;
        goodKey = false;
        expectsContinue = false;
        hostSeen = false;
        coding = NO_CODING;
        if (!head.normalise(secure)) {
            return 400;
        }
        for (int i = 0, n = head.size(); i < n; i++) {
            KnownField known = head.known(i);
            int status = known == KnownField.OTHER ? 0 : field(head, i, known, settings);
            if (status != 0) {
                return status;
            }
        }
        if (head.isAbsolute() && (!host(head, head.authorityStart(), head.authorityEnd())
                || !head.replaceHost() && head.minor != 0)) {
            return 400;
        }
        if (connectionUpgrade && upgradeWebSocket) {
            return webSocket(head);
        }
        // Who speaks HTTP/1.0 cannot ask (RFC 9110 §7.8), and what can be spoken with TLS was settled by its handshake.
        asks = connectionUpgrade && head.find(KnownField.UPGRADE) >= 0 && head.minor != 0 && !secure;
        return 0;
    }

    /** The error of a transfer coding that cannot be accepted (§7.2, raised after the head was accepted), or 0. */
    private int framing(RequestHead head, HttpSettings settings) {
        if (coding == NO_CODING) {
            return 0;
        }
        if (coding == OTHER_CODING) {
            return 501;
        }
        if (!settings.chunkedTransform()) {
            return 411;
        }
        if (contentLength >= 0 || head.minor == 0) {
            return 400;
        }
        chunked = true;
        return 0;
    }

    private int field(RequestHead head, int i, KnownField known, HttpSettings settings) {
        byte[] a = head.array();
        int start = head.valueStart(i);
        int end = head.valueEnd(i);
        switch (known) {
            case HOST -> {
                if (hostSeen || !host(head, start, end)) {
                    return 400;
                }
                hostSeen = true;
            }
            case CONNECTION -> connection(a, start, end);
            case CONTENT_LENGTH -> {
                return contentLength(a, start, end, settings);
            }
            case TRANSFER_ENCODING -> {
                return transferEncoding(a, start, end);
            }
            case UPGRADE -> upgradeWebSocket = is(a, start, end, WEBSOCKET);
            case SEC_WEBSOCKET_KEY -> goodKey |= end - start == 24;
            case SEC_WEBSOCKET_VERSION -> goodVersion = end - start == 2 && a[start] == '1' && a[start + 1] == '3';
            case EXPECT -> expectsContinue = is(a, start, end, CONTINUE);
            default -> {
                // Known, so that others find it at once.
            }
        }
        return 0;
    }

    private void connection(byte[] a, int start, int end) {
        if (Ascii.contains(a, start, end, CLOSE)) {
            keepAlive = false;
        }
        if (Ascii.contains(a, start, end, KEEP_ALIVE)) {
            keepAlive = true;
        }
        if (Ascii.contains(a, start, end, UPGRADE)) {
            connectionUpgrade = true;
        }
    }

    private int contentLength(byte[] a, int start, int end, HttpSettings settings) {
        if (contentLength >= 0 || start == end) {
            return 400;
        }
        long value = Ascii.decimal(a, start, end);
        if (value < 0) {
            return 400;
        }
        contentLength = value;
        return value > settings.maxBodySize() ? 413 : 0;
    }

    /** One field, whose whole value may be chunked (spec/http.md §7.2); any second one makes it another coding. */
    private int transferEncoding(byte[] a, int start, int end) {
        boolean chunks = Arrays.equals(a, start, end, CHUNKED, 0, CHUNKED.length);
        if (chunks && coding == CHUNKED_CODING) {
            return 400;
        }
        coding = chunks && coding == NO_CODING ? CHUNKED_CODING : OTHER_CODING;
        return 0;
    }

    private static boolean is(byte[] a, int start, int end, byte[] word) {
        return end - start == word.length && Ascii.equalsIgnoreCase(a, start, word, 0, word.length);
    }

    /** Normalises the host; false if it is invalid. */
    private static boolean host(RequestHead head, int start, int end) {
        int length = Authority.host(head.array(), start, end, head.hostRoom(end - start));
        if (length < 0) {
            return false;
        }
        head.hostStart = 0;
        head.hostEnd = length;
        return true;
    }

    private int webSocket(RequestHead head) {
        if (!head.isGet() || head.minor != 1 || !goodKey) {
            return 400;
        }
        webSocket = goodVersion;
        return goodVersion ? 0 : 426;
    }
}
