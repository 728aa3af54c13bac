// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.port.internal;

import io.margay.dispatch.AppRequest;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.netty.buffer.ByteBuf;

/** Request bodies as files, for those that no message can hold. */
final class BodyFiles {

    private static final int STEP = 65_536;

    private BodyFiles() {
    }

    /** The body as a file; the caller closes it. */
    static Fd of(AppRequest request) {
        if (request.bodyFile().isPresent()) {
            return request.bodyFile().get().duplicate();
        }
        Fd memory = Files.memfd("body", 0);
        try {
            ByteBuf body = request.body();
            for (int at = body.readerIndex(); at < body.writerIndex(); at += STEP) {
                byte[] part = new byte[Math.min(STEP, body.writerIndex() - at)];
                body.getBytes(at, part);
                Files.writeAll(memory.number(), part);
            }
            return memory;
        } catch (RuntimeException e) {
            memory.close();
            throw e;
        }
    }
}
