// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * A line for the error log.
 *
 * @param severity its level
 * @param text its text
 */
public record Notice(Severity severity, String text) {
}
