// SPDX-License-Identifier: Apache-2.0
/** Certificates by ACME (RFC 8555). Exports nothing, so that it can be replaced alone. */
package io.margay.control.acme;
