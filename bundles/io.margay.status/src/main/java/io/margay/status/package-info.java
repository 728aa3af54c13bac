// SPDX-License-Identifier: Apache-2.0
/** What a process tells about itself: inspectors and counters. Nothing here is null. */
@Export
@Version("1.1.0")
package io.margay.status;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
