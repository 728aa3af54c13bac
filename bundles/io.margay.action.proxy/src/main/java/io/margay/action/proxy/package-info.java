// SPDX-License-Identifier: Apache-2.0

/** Requests to other servers: the action {@code proxy} and the destinations {@code upstreams}. */
package io.margay.action.proxy;
