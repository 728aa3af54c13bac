// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;
import java.util.Set;

/**
 * The opened namespaces of a holder, for processes that enter them. They stay alive while this is open, even when the
 * holder has died, so close it with the holder.
 */
public final class HolderNamespaces implements AutoCloseable {

    private final Map<Namespace, Fd> descriptors = new EnumMap<>(Namespace.class);

    private HolderNamespaces() {
    }

    /**
     * Opens namespaces.
     *
     * @param pid the holder, by the kernel's credentials of its message
     * @param kinds those that the holder's plan made
     * @throws io.margay.posix.PosixException when the holder has gone
     */
    public static HolderNamespaces open(int pid, Set<Namespace> kinds) {
        HolderNamespaces namespaces = new HolderNamespaces();
        try {
            for (Namespace kind : kinds) {
                namespaces.descriptors.put(kind, Files.open("/proc/" + pid + "/ns/" + kind.file(), Files.O_RDONLY, 0));
            }
            return namespaces;
        } catch (RuntimeException failure) {
            namespaces.close();
            throw failure;
        }
    }

    /** For {@link LaunchPlan.Builder#enter}. */
    public Map<Namespace, Fd> descriptors() {
        return Collections.unmodifiableMap(descriptors);
    }

    @Override
    public void close() {
        descriptors.values().forEach(Fd::close);
    }
}
