// SPDX-License-Identifier: Apache-2.0
/** Keeps the last events of the server, and streams them. */
package io.margay.control.events;
