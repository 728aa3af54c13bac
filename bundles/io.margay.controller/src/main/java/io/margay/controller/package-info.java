// SPDX-License-Identifier: Apache-2.0
/**
 * The control API: reads and changes of the configuration, status and restarts over HTTP.
 *
 * <p>{@link io.margay.controller.ControlApi} is the logic without sockets, {@link
 * io.margay.controller.ControlServer} the HTTP around it. What happens to a configuration beyond validation
 * (applying, storing) is behind interfaces. No parameter and no result is null.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.0.0")
package io.margay.controller;
