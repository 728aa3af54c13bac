// SPDX-License-Identifier: Apache-2.0
/**
 * The server in the Felix Web Console. Everything that comes from a browser is hostile until {@code ConsoleGate} has
 * let it through; everything that a page shows or changes goes over the control socket, by the rules that hold there.
 */
package io.margay.console.internal;
