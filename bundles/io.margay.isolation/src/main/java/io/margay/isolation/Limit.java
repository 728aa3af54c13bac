// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * A resource limit.
 *
 * @param resource what is limited
 * @param soft soft limit, in the resource's unit, unsigned; {@link #UNLIMITED}
 * @param hard hard limit
 */
public record Limit(Resource resource, long soft, long hard) {

    /** No limit. */
    public static final long UNLIMITED = -1;

    /** The kernel's resources, in the order of their numbers. */
    public enum Resource {
        /** Processor seconds. */
        CPU,
        /** Bytes of a file. */
        FSIZE,
        /** Bytes of data. */
        DATA,
        /** Bytes of stack. */
        STACK,
        /** Bytes of a core file. */
        CORE,
        /** Resident bytes; not enforced by Linux. */
        RSS,
        /** Processes of the user. */
        NPROC,
        /** Descriptors. */
        NOFILE,
        /** Locked bytes. */
        MEMLOCK,
        /** Bytes of address space. */
        AS
    }
}
