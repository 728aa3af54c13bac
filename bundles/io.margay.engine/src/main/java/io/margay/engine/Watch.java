// SPDX-License-Identifier: Apache-2.0
package io.margay.engine;

import org.osgi.annotation.versioning.ProviderType;

/** A descriptor watched by a loop. */
@ProviderType
public interface Watch {

    /** Changes what is waited for. On the loop's thread; does nothing once cancelled. */
    void interest(boolean read, boolean write);

    /**
     * Ends it; the handler is not called any more. MUST precede the closing of the descriptor. From another thread
     * than the loop's the call waits until the loop has done it. Does nothing the second time.
     */
    void cancel();
}
