// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.port.Message;
import io.margay.port.PayloadException;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import java.nio.ByteBuffer;

/** The log of a process that main has started: main opens and hands it over ({@code spec/processes.md §18}). */
final class LogChange {

    private static final int STDERR = 2;

    private LogChange() {
    }

    /**
     * Takes a file from main in another process: CHANGE_FILE. Only slot 0 exists there.
     *
     * @throws PayloadException when it is malformed
     */
    static void change(Message message) {
        change(message, STDERR);
    }

    static void change(Message message, int errorLog) {
        ByteBuffer in = message.payload();
        if (in.remaining() != Long.BYTES || in.getLong() != 0L) {
            throw new PayloadException("change_file: invalid message size (" + message.payload().remaining()
                + ") or slot");
        }
        try (Fd file = message.take(0).orElseThrow(() -> new PayloadException("change_file: no descriptor"))) {
            Descriptors.duplicateTo(file.number(), errorLog);
        } catch (PosixException e) {
            throw new PayloadException("change_file: " + e.getMessage());
        }
    }
}
