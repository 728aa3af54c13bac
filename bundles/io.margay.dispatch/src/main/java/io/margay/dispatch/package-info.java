// SPDX-License-Identifier: Apache-2.0
/**
 * Application queues and worker connections of the router. Nothing is null.
 */
@Export
@Version("1.2.0")
package io.margay.dispatch;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
