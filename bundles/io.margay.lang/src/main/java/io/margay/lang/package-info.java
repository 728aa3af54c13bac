// SPDX-License-Identifier: Apache-2.0
/**
 * What a language bundle offers and what the server knows about the languages of this machine. Nothing is null.
 */
@Export
@Version("1.3.0")
package io.margay.lang;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
