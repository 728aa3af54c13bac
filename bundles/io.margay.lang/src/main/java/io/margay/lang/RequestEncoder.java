// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.netty.buffer.ByteBuf;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Writes the head of a request in the form that a language decodes fastest. An instance belongs to one event loop and
 * is called by its thread only, so it may keep working memory.
 */
@ConsumerType
public interface RequestEncoder {

    /**
     * What a client gets without the application.
     *
     * @param status from 400 on it is answered with the server's own page
     * @param fields field lines, each with its CR LF; not copied
     */
    record Answer(int status, byte[] fields) {
    }

    /**
     * Answers a request that no process need see, as one for a directory that lacks the slash. Asked before
     * {@link #encode}, and may look at the file system.
     */
    default Optional<Answer> answer(RequestView request) {
        return Optional.empty();
    }

    /**
     * Appends the head.
     *
     * @param request the request
     * @param out has at least 64 KiB of capacity; what was appended before a false result is dropped by the caller
     * @return false when the head does not fit into the writable bytes of {@code out}
     */
    boolean encode(RequestView request, ByteBuf out);
}
