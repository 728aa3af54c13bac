// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/**
 * A JSON Pointer (RFC 6901). A pointer shares what it is below of, so that going down a tree costs one small object a
 * step.
 */
public final class ConfPointer {

    /** The pointer to the whole document, written as the empty string. */
    public static final ConfPointer ROOT = new ConfPointer(null, "", -1);

    private final ConfPointer above;
    private final String name;
    private final int index;

    private ConfPointer(ConfPointer above, String name, int index) {
        this.above = above;
        this.name = name;
        this.index = index;
    }

    /** The pointer along these member names and indexes from the root, not escaped. */
    public static ConfPointer of(List<String> segments) {
        ConfPointer pointer = ROOT;
        for (String segment : segments) {
            pointer = pointer.child(segment);
        }
        return pointer;
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
        ConfPointer pointer = ROOT;
        for (String part : text.substring(1).split("/", -1)) {
            if (part.matches("(?s).*~(?![01]).*")) {
                throw new IllegalArgumentException("A tilde in a JSON pointer is followed by 0 or 1: " + text);
            }
            pointer = pointer.child(part.replace("~1", "/").replace("~0", "~"));
        }
        return pointer;
    }

    /** The pointer to a member of the value that this one points to. */
    public ConfPointer child(String member) {
        return new ConfPointer(this, member, -1);
    }

    /** The pointer to an element of the array that this one points to. */
    public ConfPointer child(int element) {
        if (element < 0) {
            throw new IllegalArgumentException("an index is not negative: " + element);
        }
        return new ConfPointer(this, "", element);
    }

    /** Member names and indexes from the root, not escaped; the list is the caller's. */
    public List<String> segments() {
        List<String> segments = new ArrayList<>();
        for (ConfPointer at = this; at.above != null; at = at.above) {
            segments.add(at.index < 0 ? at.name : Integer.toString(at.index));
        }
        Collections.reverse(segments);
        return segments;
    }

    /** The value in a document, if it is there. */
    public Optional<Conf> resolve(Conf root) {
        return ConfEdit.get(root, segments());
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof ConfPointer pointer && segments().equals(pointer.segments());
    }

    @Override
    public int hashCode() {
        return segments().hashCode();
    }

    /** The pointer as RFC 6901 writes it. */
    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        for (String segment : segments()) {
            text.append('/').append(segment.replace("~", "~0").replace("/", "~1"));
        }
        return text.toString();
    }
}
