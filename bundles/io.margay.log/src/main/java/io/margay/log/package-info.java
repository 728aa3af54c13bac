// SPDX-License-Identifier: Apache-2.0
/** The error log on descriptor 2: spec/processes.md §18. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.log;
