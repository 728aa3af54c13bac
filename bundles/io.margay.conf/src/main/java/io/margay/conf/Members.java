// SPDX-License-Identifier: Apache-2.0
package io.margay.conf;

import java.util.AbstractMap;
import java.util.AbstractSet;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * The members of an object in order, unmodifiable. A configuration of ten thousand routes has forty thousand objects
 * of one to three members: two arrays take a fifth of the memory of a hash map, and are searched as quickly.
 */
final class Members extends AbstractMap<String, Conf> {
    /** From here on names are hashed, by a map that no choice of names makes slow. */
    static final int MANY = 9;

    private final String[] names;
    private final Conf[] values;
    private final Map<String, Integer> index;

    private Members(String[] names, Conf[] values, Map<String, Integer> index) {
        this.names = names;
        this.values = values;
        this.index = index;
    }

    /** The members of any map in its iteration order; of a map of this kind, itself. */
    static Members of(Map<String, Conf> map) {
        if (map instanceof Members members) {
            return members;
        }
        Collector collector = new Collector(map.size());
        map.forEach(collector::put);
        return collector.members();
    }

    private static int find(Object name, String[] names, int size, Map<String, Integer> index) {
        if (!index.isEmpty()) {
            return index.getOrDefault(name, -1);
        }
        for (int i = 0; i < size; i++) {
            if (names[i].equals(name)) {
                return i;
            }
        }
        return -1;
    }

    @Override
    public Conf get(Object name) {
        int at = find(name, names, names.length, index);
        return at < 0 ? null : values[at];
    }

    @Override
    public boolean containsKey(Object name) {
        return find(name, names, names.length, index) >= 0;
    }

    @Override
    public int size() {
        return names.length;
    }

    @Override
    public void forEach(BiConsumer<? super String, ? super Conf> action) {
        for (int i = 0; i < names.length; i++) {
            action.accept(names[i], values[i]);
        }
    }

    @Override
    public Set<Entry<String, Conf>> entrySet() {
        return new AbstractSet<>() {
            @Override
            public Iterator<Entry<String, Conf>> iterator() {
                return new Entries();
            }

            @Override
            public int size() {
                return names.length;
            }
        };
    }

    private final class Entries implements Iterator<Entry<String, Conf>> {
        private int next;

        @Override
        public boolean hasNext() {
            return next < names.length;
        }

        @Override
        public Entry<String, Conf> next() {
            if (next == names.length) {
                throw new NoSuchElementException();
            }
            return Map.entry(names[next], values[next++]);
        }
    }

    /** Collects members; one thread at a time. */
    static final class Collector {
        private String[] names;
        private Conf[] values;
        private int size;
        private final Map<String, Integer> index = new HashMap<>(0);

        Collector(int expected) {
            this.names = new String[expected];
            this.values = new Conf[expected];
        }

        int size() {
            return size;
        }

        boolean has(String name) {
            return find(name, names, size, index) >= 0;
        }

        /** Adds a member whose name is not there yet. */
        void add(String name, Conf value) {
            if (size == names.length) {
                int more = Math.max(4, size * 2);
                names = Arrays.copyOf(names, more);
                values = Arrays.copyOf(values, more);
            }
            names[size] = name;
            values[size] = value;
            size++;
            if (size == MANY) {
                for (int i = 0; i < size; i++) {
                    index.put(names[i], i);
                }
            } else if (size > MANY) {
                index.put(name, size - 1);
            }
        }

        /** Adds or replaces a member. */
        void put(String name, Conf value) {
            int at = find(name, names, size, index);
            if (at < 0) {
                add(name, value);
            } else {
                values[at] = value;
            }
        }

        /** What was collected so far. */
        Members members() {
            return new Members(Arrays.copyOf(names, size), Arrays.copyOf(values, size),
                index.isEmpty() ? Map.of() : new HashMap<>(index));
        }
    }
}
