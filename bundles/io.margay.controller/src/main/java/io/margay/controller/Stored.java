// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.util.OptionalLong;

/**
 * A configuration that the next start will have.
 *
 * @param revision its number in the history
 * @param unnumbered why it has none; empty when it has, or when there is no telling
 */
public record Stored(OptionalLong revision, String unnumbered) {
}
