// SPDX-License-Identifier: Apache-2.0
/**
 * The processes of the server: who they are, how they are started, announced, reaped, restarted and ended, and what
 * main does for the others ({@code spec/processes.md}).
 *
 * <p>Unless a method says otherwise nothing here is null, everything runs on the one event loop of its process, and
 * pids are global, that is as main sees them.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.2.0")
package io.margay.process;
