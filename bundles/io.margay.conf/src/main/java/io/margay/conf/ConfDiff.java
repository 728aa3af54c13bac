// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Tells how one tree becomes another, in the terms of a JSON Patch (RFC 6902): the changes are to be carried out in
 * their order. Members that only stand in another order are no change. In an array what is equal at both ends is
 * set aside first, so one element more or less is one change.
 */
public final class ConfDiff {

    /** What a change does. */
    public enum Op {
        /** A member or element that was not there; it goes before the element that has its index. */
        ADD,
        /** A member or element goes. */
        REMOVE,
        /** A value takes the place of another. */
        REPLACE
    }

    /**
     * One change.
     *
     * @param op what it does
     * @param path the place, by the indexes that hold when the changes before have been made
     * @param from the value before; empty when there was none
     * @param to the value after; empty when there is none
     */
    public record Change(Op op, ConfPointer path, Optional<Conf> from, Optional<Conf> to) {
    }

    /** Beyond this a list of differences helps nobody. */
    private static final int MAX_CHANGES = 10_000;
    /** Characters of all paths together; a long name above many changes is repeated in each. */
    private static final int MAX_PATHS = 4 << 20;

    /** Ends the search; carries no stack since it is an answer, not a fault. */
    private static final class TooMany extends Exception {
        private static final long serialVersionUID = 1L;

        TooMany() {
            super("", null, false, false);
        }
    }

    private final List<Change> changes = new ArrayList<>();
    private long paths;

    private ConfDiff() {
    }

    /** The changes; just one of the whole where there are very many. */
    public static List<Change> between(Conf from, Conf to) {
        ConfDiff diff = new ConfDiff();
        try {
            diff.value(ConfPointer.ROOT, 0, from, to);
            return List.copyOf(diff.changes);
        } catch (TooMany e) {
            return List.of(new Change(Op.REPLACE, ConfPointer.ROOT, Optional.of(from), Optional.of(to)));
        }
    }

    private void value(ConfPointer path, long length, Conf from, Conf to) throws TooMany {
        if (from instanceof ConfObject before && to instanceof ConfObject after) {
            object(path, length, before, after);
        } else if (from instanceof ConfArray before && to instanceof ConfArray after) {
            array(path, length, before.elements(), after.elements());
        } else if (!from.equals(to)) {
            note(Op.REPLACE, path, length, Optional.of(from), Optional.of(to));
        }
    }

    private void object(ConfPointer path, long length, ConfObject from, ConfObject to) throws TooMany {
        for (Map.Entry<String, Conf> member : from.members().entrySet()) {
            if (!to.has(member.getKey())) {
                note(Op.REMOVE, path.child(member.getKey()), length + member.getKey().length(),
                    Optional.of(member.getValue()), Optional.empty());
            }
        }
        for (Map.Entry<String, Conf> member : to.members().entrySet()) {
            ConfPointer place = path.child(member.getKey());
            long longer = length + member.getKey().length();
            Optional<Conf> before = from.get(member.getKey());
            if (before.isPresent()) {
                value(place, longer, before.get(), member.getValue());
            } else {
                note(Op.ADD, place, longer, Optional.empty(), Optional.of(member.getValue()));
            }
        }
    }

    private void array(ConfPointer path, long length, List<Conf> from, List<Conf> to) throws TooMany {
        int least = Math.min(from.size(), to.size());
        int start = 0;
        while (start < least && from.get(start).equals(to.get(start))) {
            start++;
        }
        int end = 0;
        while (end < least - start && from.get(from.size() - 1 - end).equals(to.get(to.size() - 1 - end))) {
            end++;
        }
        int both = least - end;
        for (int i = start; i < both; i++) {
            value(path.child(i), length, from.get(i), to.get(i));
        }
        for (int i = from.size() - end - 1; i >= both; i--) {
            note(Op.REMOVE, path.child(i), length, Optional.of(from.get(i)), Optional.empty());
        }
        for (int i = both; i < to.size() - end; i++) {
            note(Op.ADD, path.child(i), length, Optional.empty(), Optional.of(to.get(i)));
        }
    }

    private void note(Op op, ConfPointer path, long length, Optional<Conf> from, Optional<Conf> to) throws TooMany {
        paths += length;
        if (changes.size() >= MAX_CHANGES || paths > MAX_PATHS) {
            throw new TooMany();
        }
        changes.add(new Change(op, path, from, to));
    }
}
