// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Reads and changes a tree along a path of names and indexes, by the rules of {@code spec/control-api.md §6.2}. The
 * tree given is never altered; what is not on the path is shared with the result.
 */
public final class ConfEdit {

    /** What became of an edit. */
    public enum Outcome {
        /** The result holds the changed tree. */
        DONE,
        /** The path leads nowhere. */
        NOT_FOUND,
        /** The value at the path cannot take this change. */
        NOT_ALLOWED,
        /** The tree would nest deeper than {@link ConfParser#MAX_DEPTH}. */
        TOO_DEEP,
        /** A container would hold more than {@link ConfParser#MAX_ELEMENTS}. */
        TOO_LARGE
    }

    /**
     * The end of an edit.
     *
     * @param outcome what became of it
     * @param root the changed tree, or the old one unless the outcome is {@link Outcome#DONE}
     */
    public record Result(Outcome outcome, Conf root) {
    }

    private enum Kind { PUT, POST, DELETE }

    /** Ends an edit below the root; carries no stack since it is an answer, not a fault. */
    private static final class Refused extends Exception {
        private static final long serialVersionUID = 1L;
        private final transient Outcome outcome;

        Refused(Outcome outcome) {
            super(outcome.name(), null, false, false);
            this.outcome = outcome;
        }
    }

    private final Kind kind;
    private final List<String> segments;
    private final Conf value;

    private ConfEdit(Kind kind, List<String> segments, Conf value) {
        this.kind = kind;
        this.segments = segments;
        this.value = value;
    }

    /** The value at a path; empty when a step does not exist. */
    public static Optional<Conf> get(Conf root, List<String> segments) {
        Conf at = root;
        for (String segment : segments) {
            Conf next = step(at, segment);
            if (next == null) {
                return Optional.empty();
            }
            at = next;
        }
        return Optional.of(at);
    }

    /** Replaces a value, adds a member, or appends at an index equal to the array's length. */
    public static Result put(Conf root, List<String> segments, Conf value) {
        return new ConfEdit(Kind.PUT, segments, value).run(root);
    }

    /** Appends one element to the array at the path. */
    public static Result post(Conf root, List<String> segments, Conf value) {
        return new ConfEdit(Kind.POST, segments, value).run(root);
    }

    /** Removes a member or element; the root becomes the empty object. */
    public static Result delete(Conf root, List<String> segments) {
        return new ConfEdit(Kind.DELETE, segments, ConfObject.EMPTY).run(root);
    }

    private Result run(Conf root) {
        try {
            int above = segments.size() + (kind == Kind.POST ? 1 : 0);
            Conf changed = segments.isEmpty() ? whole(root) : at(root, 0);
            // Checked last so that a path that does not exist is reported as such.
            if (kind != Kind.DELETE && !fits(value, ConfParser.MAX_DEPTH - above)) {
                throw new Refused(Outcome.TOO_DEEP);
            }
            return new Result(Outcome.DONE, changed);
        } catch (Refused e) {
            return new Result(e.outcome, root);
        }
    }

    private Conf whole(Conf root) throws Refused {
        return kind == Kind.POST ? append(root) : value;
    }

    private Conf at(Conf node, int depth) throws Refused {
        String segment = segments.get(depth);
        if (depth == segments.size() - 1 && kind != Kind.POST) {
            return kind == Kind.PUT ? set(node, segment, value) : remove(node, segment);
        }
        Conf child = step(node, segment);
        if (child == null) {
            throw new Refused(Outcome.NOT_FOUND);
        }
        return set(node, segment, depth == segments.size() - 1 ? append(child) : at(child, depth + 1));
    }

    private static Conf step(Conf node, String segment) {
        return switch (node) {
            case ConfObject object -> object.members().get(segment);
            case ConfArray array -> {
                OptionalInt index = index(segment);
                yield index.isPresent() && index.getAsInt() < array.size()
                    ? array.elements().get(index.getAsInt()) : null;
            }
            default -> null;
        };
    }

    private Conf append(Conf node) throws Refused {
        if (!(node instanceof ConfArray array)) {
            throw new Refused(Outcome.NOT_ALLOWED);
        }
        return set(array, Integer.toString(array.size()), value);
    }

    private static Conf set(Conf node, String segment, Conf value) throws Refused {
        if (node instanceof ConfObject object) {
            if (object.size() >= ConfParser.MAX_ELEMENTS && !object.has(segment)) {
                throw new Refused(Outcome.TOO_LARGE);
            }
            return object.with(segment, value);
        }
        OptionalInt index = index(segment);
        if (!(node instanceof ConfArray array) || index.isEmpty() || index.getAsInt() > array.size()) {
            throw new Refused(Outcome.NOT_FOUND);
        }
        if (index.getAsInt() >= ConfParser.MAX_ELEMENTS) {
            throw new Refused(Outcome.TOO_LARGE);
        }
        List<Conf> elements = new ArrayList<>(array.elements());
        if (index.getAsInt() == elements.size()) {
            elements.add(value);
        } else {
            elements.set(index.getAsInt(), value);
        }
        return new ConfArray(elements);
    }

    private static Conf remove(Conf node, String segment) throws Refused {
        if (step(node, segment) == null) {
            throw new Refused(Outcome.NOT_FOUND);
        }
        if (node instanceof ConfObject object) {
            return object.without(segment);
        }
        List<Conf> elements = new ArrayList<>(((ConfArray) node).elements());
        elements.remove(index(segment).orElseThrow());
        return new ConfArray(elements);
    }

    private static OptionalInt index(String segment) {
        long value = 0;
        for (int i = 0; i < segment.length(); i++) {
            char c = segment.charAt(i);
            if (c < '0' || c > '9') {
                return OptionalInt.empty();
            }
            value = value * 10 + (c - '0');
            if (value > Integer.MAX_VALUE) {
                return OptionalInt.empty();
            }
        }
        return segment.isEmpty() ? OptionalInt.empty() : OptionalInt.of((int) value);
    }

    private static boolean fits(Conf value, int levels) {
        return switch (value) {
            case ConfObject object -> levels > 0
                && object.members().values().stream().allMatch(child -> fits(child, levels - 1));
            case ConfArray array -> levels > 0
                && array.elements().stream().allMatch(child -> fits(child, levels - 1));
            default -> true;
        };
    }
}
