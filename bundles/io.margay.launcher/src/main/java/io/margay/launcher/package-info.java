// SPDX-License-Identifier: Apache-2.0
/**
 * Assembles the process that a JVM is for. At home {@link io.margay.launcher.Home} is the main class, from the class
 * path, and starts a framework with this bundle among others; a framework that somebody else started has this bundle
 * alone. Nothing here uses more of the JDK than it must: every class loaded is paid at each start.
 */
package io.margay.launcher;
