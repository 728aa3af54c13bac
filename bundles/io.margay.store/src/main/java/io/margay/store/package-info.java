// SPDX-License-Identifier: Apache-2.0
/**
 * The state directory: the configuration in force, those of before, the version that wrote it, certificates and
 * scripts.
 *
 * <p>A file is either the old or the new one at every moment, also after a crash of the machine. No parameter and no
 * result is null.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package io.margay.store;
