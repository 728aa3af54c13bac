// SPDX-License-Identifier: Apache-2.0
/**
 * The main process: the one that keeps the privileges it was started with. It starts and restarts the other core
 * processes, opens what they may not open, starts prototypes, stores the configuration and holds the language
 * modules. It reads no byte that a client sent; each message that it obeys is checked against the pid that the kernel
 * gives for the sender.
 */
package io.margay.main;
