// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;

/**
 * What a command writes, up to a limit; what comes after it is lost, and whoever writes it is told to end. Thread-safe:
 * the commands of a pipeline have threads of their own.
 */
final class ShellOutput extends OutputStream {
    private final int limit;
    private final Runnable full;
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private boolean cut;

    /**
     * Holds nothing yet.
     *
     * @param full called once for each run that writes more, on the thread that does
     */
    ShellOutput(int limit, Runnable full) {
        this.limit = limit;
        this.full = full;
    }

    @Override
    public void write(int value) throws IOException {
        write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] from, int offset, int length) throws IOException {
        boolean first;
        synchronized (this) {
            int room = Math.min(length, limit - bytes.size());
            bytes.write(from, offset, room);
            first = room < length && !cut;
            cut |= room < length;
            if (room == length) {
                return;
            }
        }
        if (first) {
            full.run();
        }
        throw new IOException("the output is longer than " + limit + " bytes");
    }

    /** {@return whether something was lost} */
    synchronized boolean isCut() {
        return cut;
    }

    /** {@return what was written since the last time, as text} */
    synchronized String take() {
        String text = bytes.toString(StandardCharsets.UTF_8);
        bytes.reset();
        cut = false;
        return text;
    }
}
