// SPDX-License-Identifier: Apache-2.0
/**
 * Application processes as main sees them: forked by a prototype, learned of by WHOAMI, followed by a pidfd until
 * they are gone.
 */
@Export
@Version("1.1.0")
package io.margay.app;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
