// SPDX-License-Identifier: Apache-2.0

/** The filter {@code access}. Exports nothing, so that it can be replaced alone. */
package io.margay.filter.access;
