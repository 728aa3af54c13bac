// SPDX-License-Identifier: Apache-2.0
/**
 * The control socket: HTTP, who may do what, and the resources that answer.
 *
 * <p>A bundle adds a resource by a service {@link io.margay.control.ControlResource}. {@link
 * io.margay.control.ControlApi} is the way of a request without sockets, {@link io.margay.control.ControlServer} the
 * HTTP around it. No parameter and no result is null.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.control;
