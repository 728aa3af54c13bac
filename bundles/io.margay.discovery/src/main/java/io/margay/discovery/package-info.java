// SPDX-License-Identifier: Apache-2.0
/**
 * Discovery: asks, for each language module, which versions of the language this machine has. The questions are
 * programs of the language itself, run for a moment without privileges.
 */
@Export
@Version("1.0.0")
package io.margay.discovery;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
