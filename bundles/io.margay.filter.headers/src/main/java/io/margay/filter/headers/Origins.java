// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Origins (RFC 6454 §6.2) that are known: {@code *} for all, {@code null}, {@code https://example.com:8443}, with
 * {@code *.} before the host for all below it, or {@code *} as the port for all ports. Immutable.
 */
final class Origins {
    static final String ALL = "*";
    static final String OPAQUE = "null";

    private static final Pattern FORM = Pattern.compile(
        "[a-z][a-z0-9+.-]*://(\\*\\.)?([a-z0-9_-]+(\\.[a-z0-9_-]+)*|\\[[0-9a-f:.]+])(:([0-9]{1,5}|\\*))?");

    /** What stands before and behind a part that may be anything. */
    private record Gap(AsciiString before, AsciiString behind, boolean port) {

        boolean matches(AsciiString origin) {
            int start = before.length();
            int end = origin.length() - behind.length();
            if (start >= end || !origin.startsWith(before) || !origin.regionMatches(false, end, behind, 0,
                    behind.length())) {
                return false;
            }
            for (int i = start; i < end; i++) {
                byte c = origin.byteAt(i);
                boolean digit = c >= '0' && c <= '9';
                if (!digit && (port || (c < 'a' || c > 'z') && c != '-' && c != '_' && c != '.')) {
                    return false;
                }
            }
            return true;
        }
    }

    private final boolean all;
    private final Set<AsciiString> exact = new HashSet<>();
    private final List<Gap> gaps = new ArrayList<>();

    /** Reads origins, which are {@linkplain #isGood good}. */
    Origins(List<String> texts) {
        all = texts.contains(ALL);
        for (String text : texts) {
            String origin = text.toLowerCase(Locale.ROOT);
            int star = origin.indexOf('*');
            if (star < 0) {
                exact.add(AsciiString.of(origin));
            } else if (!origin.equals(ALL)) {
                gaps.add(new Gap(AsciiString.of(origin.substring(0, star)), AsciiString.of(origin.substring(star + 1)),
                    star == origin.length() - 1));
            }
        }
    }

    /** Whether a text is an origin, or stands for some. */
    static boolean isGood(String text) {
        String origin = text.toLowerCase(Locale.ROOT);
        return origin.equals(ALL) || origin.equals(OPAQUE)
            || FORM.matcher(origin).matches() && origin.indexOf('*') == origin.lastIndexOf('*');
    }

    /** Whether each origin is known, so that which one asks makes no difference. */
    boolean isAll() {
        return all;
    }

    /** Whether an origin, as a browser has sent it, is known. */
    boolean know(AsciiString origin) {
        if (all || exact.contains(origin)) {
            return true;
        }
        for (Gap gap : gaps) {
            if (gap.matches(origin)) {
                return true;
            }
        }
        return false;
    }
}
