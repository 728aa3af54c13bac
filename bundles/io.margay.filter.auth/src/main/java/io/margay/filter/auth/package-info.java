// SPDX-License-Identifier: Apache-2.0

/** Filters that ask who a client is. Exports nothing, so that it can be replaced alone. */
package io.margay.filter.auth;
