// SPDX-License-Identifier: Apache-2.0
/**
 * Validation of the configuration by schemas that the bundles carry.
 *
 * <p>A bundle that implements an option describes it in a file that its manifest names
 * ({@code Margay-Schema: OSGI-INF/margay/x.json}). The file is read even when the bundle is only installed, so that a
 * process can check options of code that it never runs. {@code README.md} of this bundle describes the language.
 *
 * <p>No parameter and no result is null.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.schema;
