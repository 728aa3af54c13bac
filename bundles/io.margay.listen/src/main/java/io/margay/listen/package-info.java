// SPDX-License-Identifier: Apache-2.0

/**
 * Accepting on sockets that the main process has bound. No method takes or returns null.
 */
@Export
@Version("1.1.0")
package io.margay.listen;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
