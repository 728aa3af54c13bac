// SPDX-License-Identifier: Apache-2.0

/** The filters {@code limit_req} and {@code limit_conn}. Exports nothing, so that it can be replaced alone. */
package io.margay.filter.limit;
