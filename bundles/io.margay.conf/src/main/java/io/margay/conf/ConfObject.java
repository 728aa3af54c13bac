// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A JSON object; its members keep the order in which they were written.
 *
 * <p>The typed accessors are for configurations that passed validation: a member of another type counts as absent.
 * Equality ignores the order of members; where order matters compare the bytes of {@link ConfWriter#compact}.
 *
 * @param members the members in order; an unmodifiable copy of what the caller gave
 */
public record ConfObject(Map<String, Conf> members) implements Conf {

    /** The object without members. */
    public static final ConfObject EMPTY = new ConfObject(Map.of());

    /** Copies the map in its iteration order. */
    public ConfObject {
        members = Members.of(members);
    }

    /** A builder for objects made by the server itself. */
    public static Builder builder() {
        return new Builder();
    }

    /** Number of members. */
    public int size() {
        return members.size();
    }

    /** True when there is no member. */
    public boolean isEmpty() {
        return members.isEmpty();
    }

    /** True when the member exists, whatever its type. */
    public boolean has(String name) {
        return members.containsKey(name);
    }

    /** The member's value. */
    public Optional<Conf> get(String name) {
        return Optional.ofNullable(members.get(name));
    }

    /** The member's text if it is a string. */
    public Optional<String> string(String name) {
        return members.get(name) instanceof ConfString s ? Optional.of(s.value()) : Optional.empty();
    }

    /** The member truncated to an integer if it is a number, else the default. */
    public long integer(String name, long absent) {
        return members.get(name) instanceof ConfNumber n ? n.longValue() : absent;
    }

    /** The member if it is a number, else the default. */
    public double number(String name, double absent) {
        return members.get(name) instanceof ConfNumber n ? n.doubleValue() : absent;
    }

    /** The member if it is a boolean, else the default. */
    public boolean bool(String name, boolean absent) {
        return members.get(name) instanceof ConfBoolean b ? b.value() : absent;
    }

    /** The member if it is an object. */
    public Optional<ConfObject> object(String name) {
        return members.get(name) instanceof ConfObject o ? Optional.of(o) : Optional.empty();
    }

    /** The member if it is an array. */
    public Optional<ConfArray> array(String name) {
        return members.get(name) instanceof ConfArray a ? Optional.of(a) : Optional.empty();
    }

    /** This object with one member replaced in place, or added last. */
    public ConfObject with(String name, Conf value) {
        Map<String, Conf> copy = new LinkedHashMap<>(members);
        copy.put(name, value);
        return new ConfObject(copy);
    }

    /** This object without a member. */
    public ConfObject without(String name) {
        Map<String, Conf> copy = new LinkedHashMap<>(members);
        copy.remove(name);
        return new ConfObject(copy);
    }

    /** Collects members in order; one thread at a time. */
    public static final class Builder {
        private final Members.Collector members = new Members.Collector(4);

        private Builder() {
        }

        /** Adds or replaces a member. */
        public Builder put(String name, Conf value) {
            members.put(name, value);
            return this;
        }

        /** Adds or replaces a string member. */
        public Builder put(String name, String value) {
            return put(name, Conf.of(value));
        }

        /** Adds or replaces an integer member. */
        public Builder put(String name, long value) {
            return put(name, Conf.of(value));
        }

        /** Adds or replaces a boolean member. */
        public Builder put(String name, boolean value) {
            return put(name, Conf.of(value));
        }

        /** The object so far. */
        public ConfObject build() {
            return new ConfObject(members.members());
        }
    }
}
