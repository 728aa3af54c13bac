// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import com.dylibso.chicory.runtime.Memory;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/** A request's body, moved into a module's memory piece by piece. */
final class Body {

    private static final int STEP = 65_536;

    private final InputStream in;
    private final long length;
    private long left;

    Body(InputStream in, long length) {
        this.in = in;
        this.length = length;
        left = length;
    }

    long length() {
        return length;
    }

    /** Fills the room, or writes what is left when that is less; returns how much it was. */
    int read(Memory memory, int address, int room) throws IOException {
        int size = (int) Math.min(left, room);
        byte[] bytes = new byte[Math.min(size, STEP)];
        for (int done = 0; done < size;) {
            int count = in.read(bytes, 0, Math.min(bytes.length, size - done));
            if (count < 0) {
                throw new EOFException("the body ended early");
            }
            memory.write(address + done, bytes, 0, count);
            done += count;
        }
        left -= size;
        return size;
    }
}
