// SPDX-License-Identifier: Apache-2.0

/** Filters that change fields of requests and responses. Exports nothing, so that it can be replaced alone. */
package io.margay.filter.headers;
