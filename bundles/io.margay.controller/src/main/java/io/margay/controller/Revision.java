// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;

/**
 * A configuration of before.
 *
 * @param note number, time, method, path, peer and bytes
 * @param configuration compact JSON; owned by the receiver
 */
public record Revision(ConfObject note, byte[] configuration) {
}
