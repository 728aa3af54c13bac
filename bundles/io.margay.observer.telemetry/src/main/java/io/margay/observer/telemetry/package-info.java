// SPDX-License-Identifier: Apache-2.0
/** Traces by OpenTelemetry. Exports nothing, so that it can be replaced alone. */
package io.margay.observer.telemetry;
