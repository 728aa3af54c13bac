// SPDX-License-Identifier: Apache-2.0

/** The access log. Exports nothing, so that it can be replaced alone. */
package io.margay.observer.accesslog;
