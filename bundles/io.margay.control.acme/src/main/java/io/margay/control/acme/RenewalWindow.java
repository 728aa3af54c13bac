// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import java.time.Instant;

/**
 * When an authority would like a certificate to be renewed (RFC 9773 §4.2).
 *
 * @param start the soonest
 * @param end the latest
 * @param look when it is to be asked again
 */
record RenewalWindow(Instant start, Instant end, Instant look) {
}
