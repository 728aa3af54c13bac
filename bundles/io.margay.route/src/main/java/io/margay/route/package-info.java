// SPDX-License-Identifier: Apache-2.0

/**
 * Listeners' {@code pass}, routes, matches and templates (spec/routing.md), compiled once for each configuration to an
 * immutable {@link io.margay.route.RoutePlan}. Actions come as {@link io.margay.route.ActionFactory} services from
 * bundles of their own. No method takes or returns null.
 */
@Export
@Version("1.0.0")
package io.margay.route;

import org.osgi.annotation.bundle.Export;
import org.osgi.annotation.versioning.Version;
