// SPDX-License-Identifier: Apache-2.0
/**
 * The error log of a process: one line for each event on descriptor 2, in the form that log readers of Unit know.
 */
@Export
@Version("1.0.0")
package io.margay.log;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
