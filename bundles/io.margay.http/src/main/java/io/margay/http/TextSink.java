// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import org.osgi.annotation.versioning.ConsumerType;

/** Takes bytes one run after another, so that a text need not be made of them. Called on one loop. */
@ConsumerType
@FunctionalInterface
public interface TextSink {

    /** Takes {@code a[start .. start + length)}, which is not the taker's to keep or to change. */
    void put(byte[] a, int start, int length);
}
