// SPDX-License-Identifier: Apache-2.0
/** Users, groups and what this process may do with them: spec/isolation.md §1. */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.credential;
