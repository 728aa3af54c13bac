// SPDX-License-Identifier: Apache-2.0

/** The component that collects extensions. */
package io.margay.route.internal;
