// SPDX-License-Identifier: Apache-2.0

/** The action {@code share}: static files. Exports nothing, so that it can be replaced alone. */
package io.margay.action.share;
