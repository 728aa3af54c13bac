// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.posix.PosixException;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Where the jars of modules are kept that were brought by an order, and the list of those that count. Every call may
 * wait for the disk; they come one at a time.
 */
@ConsumerType
public interface ModuleStorage {

    /** Name of the list. */
    String LOCK = "modules.lock";

    /** Where a jar lies. */
    String path(String name);

    /** The names of all jars, usable or not. */
    List<String> list();

    /**
     * Keeps a jar: whole, or not at all.
     *
     * @throws PosixException when it is not safely on the disk
     */
    void store(String name, byte[] jar);

    /**
     * Deletes a jar.
     *
     * @throws PosixException when it stays
     */
    void delete(String name);

    /**
     * The list; empty when there is none.
     *
     * @throws PosixException when it cannot be read
     */
    Optional<byte[]> lock();

    /**
     * Replaces the list.
     *
     * @throws PosixException when it is not safely on the disk; the old one is still there
     */
    void storeLock(byte[] content);

    /**
     * Keeps a copy of a list that cannot be used.
     *
     * @throws PosixException when that is impossible
     */
    void keepRejected(byte[] content);
}
