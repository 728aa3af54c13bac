// SPDX-License-Identifier: Apache-2.0
/**
 * Extension bundles: how one comes into every process that needs it, is replaced and goes, while requests flow. Nothing
 * is null; unless it says otherwise everything runs on the loop of its process.
 */
@Export
@Version("1.0.0")
package io.margay.module;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
