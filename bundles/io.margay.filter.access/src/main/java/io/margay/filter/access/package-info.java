// SPDX-License-Identifier: Apache-2.0

/** The filters {@code access} and {@code maintenance}. Exports nothing, so that it can be replaced alone. */
package io.margay.filter.access;
