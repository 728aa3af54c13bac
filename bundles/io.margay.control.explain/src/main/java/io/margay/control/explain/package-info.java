// SPDX-License-Identifier: Apache-2.0
/** Explains which way a request would take. */
package io.margay.control.explain;
