// SPDX-License-Identifier: Apache-2.0
/** Metrics in the format of Prometheus. Exports nothing, so that it can be replaced alone. */
package io.margay.action.metrics;
