// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

/**
 * Who knows whose port, as data of all revisions ({@code spec/processes.md §2}). The server acts by {@link #SEND} and
 * {@link #REMOVE_NOTIFY}; the others describe what fork inherits in Unit and are kept for comparison.
 */
public final class Matrices {

    /**
     * Revisions 1240 and 1488, order main, discovery, controller, router, app. At fork: row new process, column known
     * process whose port it keeps. At NEW_PORT: row receiver, column owner of the new port.
     */
    public static final Matrix CONN = Matrix.of(
        "11111",
        "10000",
        "10010",
        "10101",
        "10000");

    /** Revisions 1240 and 1488, same order. Row dead process, column receiver of REMOVE_PID. */
    public static final Matrix CONN_REMOVE_NOTIFY = Matrix.of(
        "00000",
        "00000",
        "00010",
        "00101",
        "00010");

    /** Revision 2151 and 1.35. Row new process, column known process whose port it keeps after fork. */
    public static final Matrix KEEP = Matrix.of(
        "111111",
        "100000",
        "100100",
        "101111",
        "100100",
        "100100");

    /** Revision 2151 and 1.35. Row receiver, column owner of the new port. */
    public static final Matrix SEND = Matrix.of(
        "111111",
        "100000",
        "100100",
        "101111",
        "100000",
        "100000");

    /** Revision 2151 and 1.35. Row dead process, column receiver of REMOVE_PID. */
    public static final Matrix REMOVE_NOTIFY = Matrix.of(
        "000000",
        "000000",
        "000100",
        "001011",
        "000100",
        "100100");

    private Matrices() {
    }

    /** Whether a new process of type {@code fresh} keeps the port of a process of type {@code known}. */
    public static boolean keep(ProcessType fresh, ProcessType known) {
        return KEEP.cell(fresh, known);
    }

    /** Whether a port of type {@code owner} is announced to a process of type {@code receiver}. */
    public static boolean send(ProcessType receiver, ProcessType owner) {
        return SEND.cell(receiver, owner);
    }

    /** Whether a process of type {@code receiver} is told of the death of one of type {@code dead}. */
    public static boolean removeNotify(ProcessType dead, ProcessType receiver) {
        return REMOVE_NOTIFY.cell(dead, receiver);
    }
}
