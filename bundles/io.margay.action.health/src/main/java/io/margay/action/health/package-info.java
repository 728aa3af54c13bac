// SPDX-License-Identifier: Apache-2.0
/** The action {@code health}. */
package io.margay.action.health;
