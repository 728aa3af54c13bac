// SPDX-License-Identifier: Apache-2.0
/**
 * How a process is started: a {@link io.margay.isolation.LaunchPlan} is compiled to a
 * {@link io.margay.isolation.CallTable} of system calls, which a tiny program executes between fork and exec. No
 * parameter and no result is {@code null}.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.2.0")
package io.margay.isolation;
