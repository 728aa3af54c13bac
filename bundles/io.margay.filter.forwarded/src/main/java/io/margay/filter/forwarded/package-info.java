// SPDX-License-Identifier: Apache-2.0

/** Address and scheme as trusted proxies tell them. Exports nothing, so that it can be replaced alone. */
package io.margay.filter.forwarded;
