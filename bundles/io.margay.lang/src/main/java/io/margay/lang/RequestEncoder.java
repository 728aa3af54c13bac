// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.netty.buffer.ByteBuf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Writes the head of a request in the form that a language decodes fastest. An instance belongs to one event loop and
 * is called by its thread only, so it may keep working memory.
 */
@ConsumerType
public interface RequestEncoder {

    /**
     * Appends the head.
     *
     * @param request the request
     * @param out has at least 64 KiB of capacity; what was appended before a false result is dropped by the caller
     * @return false when the head does not fit into the writable bytes of {@code out}
     */
    boolean encode(RequestView request, ByteBuf out);
}
