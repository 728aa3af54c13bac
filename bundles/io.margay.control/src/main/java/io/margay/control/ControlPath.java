// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.ConfText;
import io.margay.conf.Percent;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The path of a request ({@code spec/control-api.md §3}): decoded once, but for {@code %2F} and {@code %25}, and
 * normalised.
 *
 * @param segments between the slashes, none empty
 */
public record ControlPath(List<String> segments) {
    private static final int MAX_SEGMENT = 256;

    /** Copies the list. */
    public ControlPath {
        segments = List.copyOf(segments);
    }

    /** Reads a request target; empty when it is no path or has a broken escape. */
    public static Optional<ControlPath> parse(String target) {
        if (!target.startsWith("/")) {
            return Optional.empty();
        }
        int end = target.length();
        for (int i = 0; i < end; i++) {
            if (target.charAt(i) == '?' || target.charAt(i) == '#') {
                end = i;
            }
        }
        Optional<String> decoded = decode(target.substring(0, end), true);
        List<String> segments = new ArrayList<>();
        for (String segment : decoded.orElse("").split("/")) {
            if (segment.equals("..")) {
                if (segments.isEmpty()) {
                    return Optional.empty();
                }
                segments.removeLast();
            } else if (!segment.isEmpty() && !segment.equals(".")) {
                segments.add(segment);
            }
        }
        return decoded.map(ignored -> new ControlPath(segments));
    }

    /** The resource. */
    public String first() {
        return segments.isEmpty() ? "" : segments.getFirst();
    }

    /** The names below the resource, decoded for good; empty when one is longer than any name may be. */
    public Optional<List<String>> names() {
        List<String> names = new ArrayList<>();
        for (String segment : segments.subList(1, segments.size())) {
            String name = decodeFully(segment);
            if (ConfText.encode(name).length > MAX_SEGMENT) {
                return Optional.empty();
            }
            names.add(name);
        }
        return Optional.of(names);
    }

    /** What the first decoding left: only escaped slashes and percent signs. */
    public static String decodeFully(String text) {
        return decode(text, false).orElse(text);
    }

    private static Optional<String> decode(String text, boolean keepSpecial) {
        byte[] in = ConfText.encode(text);
        ByteArrayOutputStream out = new ByteArrayOutputStream(in.length);
        for (int i = 0; i < in.length; i++) {
            if (in[i] != '%') {
                out.write(in[i]);
                continue;
            }
            int value = Percent.at(in, i, in.length);
            if (value < 0) {
                return Optional.empty();
            }
            if (keepSpecial && (value == '/' || value == '%')) {
                out.write(in, i, 3);
            } else {
                out.write(value);
            }
            i += 2;
        }
        return Optional.of(ConfText.decode(out.toByteArray()));
    }
}
