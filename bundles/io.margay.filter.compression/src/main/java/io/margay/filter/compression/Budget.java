// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.compression;

import java.util.concurrent.atomic.AtomicLong;

/** Memory for encoders, which thousands of slow clients would hold otherwise. For any thread. */
final class Budget {
    private final AtomicLong left;

    Budget(long bytes) {
        left = new AtomicLong(bytes);
    }

    /** Takes a part, if there is so much. */
    boolean take(int bytes) {
        if (left.addAndGet(-bytes) >= 0) {
            return true;
        }
        left.addAndGet(bytes);
        return false;
    }

    void give(int bytes) {
        left.addAndGet(bytes);
    }

    /** Bytes that nobody has. */
    long left() {
        return left.get();
    }
}
