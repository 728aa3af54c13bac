// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

/**
 * How much memory a configuration may take. While it is applied there are its text, its tree, the routes that are made
 * of it and those in force; a virtual machine without memory ends, and all requests with it, so a configuration that
 * does not fit has to be refused before it is read.
 */
final class OrderMemory {
    /** A tree takes this many times the memory of its text, when it is a tree of short values. */
    private static final int LIKELY = 8;
    /** Tree, compiled routes, and what requests need meanwhile. */
    private static final int SHARES = 4;

    private OrderMemory() {
    }

    /**
     * The bytes of memory that the tree of a text may take.
     *
     * @param length of the text, which is in memory already
     */
    static long forTree(int length) {
        if (free() / SHARES < (long) length * LIKELY) {
            // Some milliseconds, for a change that takes many more.
            System.gc();
        }
        return free() / SHARES;
    }

    private static long free() {
        Runtime runtime = Runtime.getRuntime();
        return runtime.maxMemory() - runtime.totalMemory() + runtime.freeMemory();
    }
}
