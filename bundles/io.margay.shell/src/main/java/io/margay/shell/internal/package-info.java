// SPDX-License-Identifier: Apache-2.0
/**
 * Sessions of Gogo for clients of the control socket, and the commands about the server, one class each. Nothing is
 * null. Commands run on threads of their session and may wait.
 */
package io.margay.shell.internal;
