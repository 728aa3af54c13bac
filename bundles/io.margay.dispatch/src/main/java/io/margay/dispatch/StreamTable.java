// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import java.util.Arrays;
import java.util.function.Consumer;

/** The outstanding requests of one loop by stream: open addressing, no boxing, one entry beside its number. */
final class StreamTable {

    private static final int LEAST = 64;

    private Outstanding[] entries = new Outstanding[LEAST];
    private int size;

    int size() {
        return size;
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Adds a request whose stream is not in the table. */
    void put(Outstanding entry) {
        if (2 * size >= entries.length) {
            grow();
        }
        insert(entry);
        size++;
    }

    /** The request of the stream, or null: used inside this bundle's loop code only, where an object would cost. */
    Outstanding find(int stream) {
        int mask = entries.length - 1;
        for (int i = place(stream, mask); entries[i] != null; i = i + 1 & mask) {
            if (entries[i].stream == stream) {
                return entries[i];
            }
        }
        return null;
    }

    /** Removes the request of the stream; false if there is none. */
    boolean remove(int stream) {
        int mask = entries.length - 1;
        int hole = place(stream, mask);
        while (entries[hole] != null && entries[hole].stream != stream) {
            hole = hole + 1 & mask;
        }
        if (entries[hole] == null) {
            return false;
        }
        size--;
        // Entries behind the hole move up if they may stand there, so no marks of deleted ones are needed.
        for (int i = hole + 1 & mask; entries[i] != null; i = i + 1 & mask) {
            int home = place(entries[i].stream, mask);
            if ((i - home & mask) >= (i - hole & mask)) {
                entries[hole] = entries[i];
                hole = i;
            }
        }
        entries[hole] = null;
        return true;
    }

    /** Runs the action for each request; it may remove any. */
    void forEach(Consumer<Outstanding> action) {
        for (Outstanding entry : entries.clone()) {
            if (entry != null && find(entry.stream) == entry) {
                action.accept(entry);
            }
        }
    }

    private void grow() {
        Outstanding[] old = entries;
        entries = new Outstanding[2 * old.length];
        Arrays.stream(old).filter(entry -> entry != null).forEach(this::insert);
    }

    private void insert(Outstanding entry) {
        int mask = entries.length - 1;
        int i = place(entry.stream, mask);
        while (entries[i] != null) {
            i = i + 1 & mask;
        }
        entries[i] = entry;
    }

    private static int place(int stream, int mask) {
        // Streams of a loop differ by the number of loops; the multiplication spreads them over the low bits.
        int hash = stream * 0x9E3779B9;
        return (hash >>> 16 ^ hash) & mask;
    }
}
