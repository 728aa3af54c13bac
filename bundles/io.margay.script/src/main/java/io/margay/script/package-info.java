// SPDX-License-Identifier: Apache-2.0

/**
 * JavaScript: what modules and templates may look like, and how they run. The engine is loaded with the first of them.
 * No method takes or returns null.
 */
@Export
@Version("1.1.0")
package io.margay.script;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
