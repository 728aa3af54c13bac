// SPDX-License-Identifier: Apache-2.0
package io.margay.wire.libunit.internal;

import io.margay.dispatch.Job;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.netty.buffer.ByteBufUtil;

/** The body of a request as a file, read from its beginning, for those that did not go with the head. */
final class UnitBody {

    private static final byte[] NOTHING = {};

    private UnitBody() {
    }

    /** The file; the caller closes it. Empty when nobody waits for the response any more. */
    static Fd of(Job job) {
        if (!job.isDone() && job.request().bodyFile().isPresent()) {
            return job.request().bodyFile().get().duplicate();
        }
        return Files.sealedMemory("body", job.isDone() ? NOTHING : ByteBufUtil.getBytes(job.request().body()));
    }
}
