// SPDX-License-Identifier: Apache-2.0
/**
 * The main process: the one that keeps the privileges it was started with. It starts and restarts the other core
 * processes, opens what they may not open, starts prototypes, stores the configuration and holds the language
 * modules. It reads no byte that a client sent, but command lines of its own account; each message that it obeys is
 * checked against the pid that the kernel gives for the sender. Exported is what a shell needs.
 */
@Export
@Version("1.0.0")
package io.margay.main;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
