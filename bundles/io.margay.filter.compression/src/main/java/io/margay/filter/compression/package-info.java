// SPDX-License-Identifier: Apache-2.0

/** The filter {@code settings.http.compression}. Exports nothing, so that it can be replaced alone. */
package io.margay.filter.compression;
