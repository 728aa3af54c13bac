// SPDX-License-Identifier: Apache-2.0
/** Metrics by the control API. */
package io.margay.control.metrics;
