// SPDX-License-Identifier: Apache-2.0
/**
 * Typed messages with descriptors between processes.
 *
 * <p>A port is one end of a SEQPACKET socket pair. A message is a 16-byte header, a payload and some descriptors;
 * its sender is the process that the kernel names, never the one that the header names. Unless a method says
 * otherwise nothing here is null, and objects bound to an event loop are used on the thread of that loop only.
 * The wire is that of {@code spec/ports.md §1-§5}.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.2.0")
package io.margay.port;
