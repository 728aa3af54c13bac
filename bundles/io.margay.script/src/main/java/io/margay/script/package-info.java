// SPDX-License-Identifier: Apache-2.0

/**
 * What a JavaScript module may look like. The parser behind it is loaded with the first module that is looked at. No
 * method takes or returns null.
 */
@Export
@Version("1.1.0")
package io.margay.script;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
