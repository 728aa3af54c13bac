// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A JSON Pointer (RFC 6901).
 *
 * @param segments member names and indexes from the root, unescaped; an unmodifiable copy
 */
public record ConfPointer(List<String> segments) {

    /** The pointer to the whole document, written as the empty string. */
    public static final ConfPointer ROOT = new ConfPointer(List.of());

    /** Copies the list. */
    public ConfPointer {
        segments = List.copyOf(segments);
    }

    /**
     * Reads a pointer.
     *
     * @throws IllegalArgumentException when the text is neither empty nor starts with a slash, or has a bad tilde
     * escape
     */
    public static ConfPointer parse(String text) {
        if (text.isEmpty()) {
            return ROOT;
        }
        if (text.charAt(0) != '/') {
            throw new IllegalArgumentException("A JSON pointer starts with \"/\": " + text);
        }
        List<String> segments = new ArrayList<>();
        for (String part : text.substring(1).split("/", -1)) {
            if (part.matches("(?s).*~(?![01]).*")) {
                throw new IllegalArgumentException("A tilde in a JSON pointer is followed by 0 or 1: " + text);
            }
            segments.add(part.replace("~1", "/").replace("~0", "~"));
        }
        return new ConfPointer(segments);
    }

    /** The pointer to a member of the value that this one points to. */
    public ConfPointer child(String name) {
        List<String> longer = new ArrayList<>(segments);
        longer.add(name);
        return new ConfPointer(longer);
    }

    /** The pointer to an element of the array that this one points to. */
    public ConfPointer child(int index) {
        return child(Integer.toString(index));
    }

    /** The value in a document, if it is there. */
    public Optional<Conf> resolve(Conf root) {
        return ConfEdit.get(root, segments);
    }

    /** The pointer as RFC 6901 writes it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String segment : segments) {
            text.append('/').append(segment.replace("~", "~0").replace("/", "~1"));
        }
        return text.toString();
    }
}
