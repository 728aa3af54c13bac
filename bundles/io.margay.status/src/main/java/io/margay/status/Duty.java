// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import org.osgi.annotation.versioning.ProviderType;

/**
 * Service: whether this process is the one of its kind that does what is to be done once. Of a process and the one that
 * takes its place never both are; for a moment neither is.
 */
@ProviderType
@FunctionalInterface
public interface Duty {

    /**
     * Whether it is this one. From false to true once: when the process before has given up its place and all that it
     * had to {@linkplain Handover give} was taken, or is gone; then to false for good, when this one gives it up. On
     * the control thread.
     */
    boolean isOurs();
}
