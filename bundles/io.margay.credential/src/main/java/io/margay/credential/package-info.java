// SPDX-License-Identifier: Apache-2.0
/**
 * Users and groups of this machine, and what this process may do with them ({@code spec/isolation.md §1}).
 * No parameter and no result is null.
 */
@Export
@Version("1.0.0")
package io.margay.credential;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
