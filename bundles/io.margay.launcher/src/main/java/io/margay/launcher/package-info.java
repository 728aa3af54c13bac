// SPDX-License-Identifier: Apache-2.0
/**
 * Starts the framework of one process role, and what a role needs to know of how it was started.
 *
 * <p>The package is on the class path of the JVM and not in a bundle; the framework exports it, so that the role
 * bundles may import {@link io.margay.launcher.Launch} and {@link io.margay.launcher.Role}. Nothing here uses more of
 * the JDK than it must: every class loaded is paid at each start.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.launcher;
