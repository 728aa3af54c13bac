// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.TextSink;
import io.netty.util.AsciiString;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Takes the value of a {@link Template} in parts; the values of variables come by {@link #put}, as they are: bytes that
 * a client may have chosen. On the loop of the exchange.
 */
@ConsumerType
public interface TemplateSink extends TextSink {

    /** Takes a part that stands in the configuration. */
    void literal(AsciiString text);

    /** Takes a number that is not negative, with leading zeros if it has less than {@code least} digits. */
    void digits(long value, int least);

    /** A variable has no value for this request. */
    void absent();
}
