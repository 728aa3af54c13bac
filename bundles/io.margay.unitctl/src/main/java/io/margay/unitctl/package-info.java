// SPDX-License-Identifier: Apache-2.0
/** The control tool: one request to the control socket per call. A plain executable, no bundle. */
package io.margay.unitctl;
