// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import org.osgi.annotation.versioning.ConsumerType;

/** One condition of a route step. */
@ConsumerType
@FunctionalInterface
interface Match {
    boolean test(Exchange exchange);
}
