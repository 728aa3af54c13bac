// SPDX-License-Identifier: Apache-2.0
/**
 * Event loops with descriptors, timers, signals and children; draining and generations.
 *
 * <p>All callbacks run on the thread of their loop and must not block. An exception in a callback goes to the
 * failure handler of the loops and never ends a loop. Parameters and results are never null.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.engine;
