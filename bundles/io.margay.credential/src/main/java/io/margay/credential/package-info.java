// SPDX-License-Identifier: Apache-2.0
/** t. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.credential;
