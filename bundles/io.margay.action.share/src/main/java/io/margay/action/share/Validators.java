// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Ascii;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.handler.codec.DateFormatter;
import io.netty.util.AsciiString;
import java.util.Date;
import java.util.Optional;

/**
 * What tells one state of a file from another, and the conditions of requests on it (RFC 9110 §13).
 *
 * @param date {@code Last-Modified}
 * @param tag {@code ETag}, weak if the file may change again without another one
 * @param seconds the time of the last change
 */
record Validators(AsciiString date, AsciiString tag, long seconds) {
    /** No condition stands in the way. */
    static final int HOLDS = 0;

    private static final KnownField[] CONDITIONS = {KnownField.IF_MATCH, KnownField.IF_UNMODIFIED_SINCE,
        KnownField.IF_NONE_MATCH, KnownField.IF_MODIFIED_SINCE, KnownField.RANGE};
    private static final int UNMODIFIED = 304;
    private static final int FAILED = 412;

    /** Whether a request asks for anything but the file as it is. */
    static boolean isConditional(Request request) {
        for (KnownField field : CONDITIONS) {
            if (request.find(field) >= 0) {
                return true;
            }
        }
        return false;
    }

    /** {@link #HOLDS}, 304 or 412, in the order of RFC 9110 §13.2.2. */
    int check(Request request) {
        if (request.find(KnownField.IF_MATCH) >= 0) {
            if (!names(request, KnownField.IF_MATCH, true)) {
                return FAILED;
            }
        } else {
            Optional<Date> before = date(request, KnownField.IF_UNMODIFIED_SINCE);
            if (before.isPresent() && seconds > before.get().getTime() / 1000) {
                return FAILED;
            }
        }
        if (request.find(KnownField.IF_NONE_MATCH) >= 0) {
            return names(request, KnownField.IF_NONE_MATCH, false) ? UNMODIFIED : HOLDS;
        }
        if (request.find(KnownField.IF_MODIFIED_SINCE) >= 0
            && request.value(request.find(KnownField.IF_MODIFIED_SINCE)).contentEquals(date)) {
            return UNMODIFIED;
        }
        Optional<Date> since = date(request, KnownField.IF_MODIFIED_SINCE);
        return since.isPresent() && seconds <= since.get().getTime() / 1000 ? UNMODIFIED : HOLDS;
    }

    /** Whether the ranges of a request are of this state of the file (RFC 9110 §13.1.5). */
    boolean holdsForRange(Request request) {
        int field = request.find(KnownField.IF_RANGE);
        if (field < 0) {
            return true;
        }
        AsciiString value = Ascii.trim(request.value(field));
        return !isWeak() && (value.contentEquals(tag) || value.contentEquals(date));
    }

    private boolean isWeak() {
        return tag.byteAt(0) == 'W';
    }

    private static Optional<Date> date(Request request, KnownField name) {
        int field = request.find(name);
        // An invalid date is no condition.
        return field < 0 ? Optional.empty() : Optional.ofNullable(DateFormatter.parseHttpDate(request.value(field)));
    }

    private boolean names(Request request, KnownField kind, boolean strong) {
        for (int i = request.find(kind.text(), 0); i >= 0; i = request.find(kind.text(), i + 1)) {
            if (names(request.value(i), strong)) {
                return true;
            }
        }
        return false;
    }

    /** Whether a list of tags has this one, or stands for any. */
    private boolean names(AsciiString list, boolean strong) {
        int opaque = isWeak() ? 2 : 0;
        int at = 0;
        while (at < list.length()) {
            byte c = list.byteAt(at);
            if (c == ' ' || c == '\t' || c == ',') {
                at++;
                continue;
            }
            if (c == '*') {
                return true;
            }
            boolean weak = list.regionMatches(false, at, "W/", 0, 2);
            int start = weak ? at + 2 : at;
            if (start >= list.length() || list.byteAt(start) != '"') {
                return false;
            }
            int end = start + 1;
            while (end < list.length() && list.byteAt(end) != '"') {
                end++;
            }
            int size = tag.length() - opaque;
            if (end + 1 - start == size && list.regionMatches(false, start, tag, opaque, size)
                && !(strong && (weak || isWeak()))) {
                return true;
            }
            at = end + 1;
        }
        return false;
    }
}
