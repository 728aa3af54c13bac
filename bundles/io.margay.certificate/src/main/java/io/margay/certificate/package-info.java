// SPDX-License-Identifier: Apache-2.0

/**
 * Certificate bundles as they are uploaded: a chain and its private key in PEM ({@code spec/control-api.md §8.2}).
 * Content is hostile; what is accepted fits together. No method takes or returns null; values are immutable and for
 * any thread.
 */
@Export
@Version("1.2.0")
package io.margay.certificate;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
