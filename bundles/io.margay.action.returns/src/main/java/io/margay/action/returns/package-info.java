// SPDX-License-Identifier: Apache-2.0

/** The action {@code return}. Exports nothing, so that it can be replaced alone. */
package io.margay.action.returns;
