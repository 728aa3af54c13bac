// SPDX-License-Identifier: Apache-2.0

/**
 * The filters {@code limit_req}, {@code limit_conn} and {@code max_body_size}. Exports nothing, so that it can be
 * replaced alone.
 */
package io.margay.filter.limit;
