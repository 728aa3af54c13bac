// SPDX-License-Identifier: Apache-2.0
/**
 * Prototypes: one process for each application, started by main with the user, the namespaces and the root directory
 * that the configuration says, from which the workers are forked.
 */
@Export
@Version("1.2.0")
package io.margay.prototype;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
