// SPDX-License-Identifier: Apache-2.0
/** Requests at times. Exports nothing, so that it can be replaced alone. */
package io.margay.section.schedules;
