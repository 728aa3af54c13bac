// SPDX-License-Identifier: Apache-2.0
/**
 * The configuration plane of the controller and its control resources: reads and changes of the configuration, uploads,
 * status and restarts.
 *
 * <p>{@link io.margay.controller.ConfigPlane} is the logic. What happens to a configuration beyond validation
 * (applying,
 * storing) is behind {@link io.margay.controller.RouterCalls} and {@link io.margay.controller.MainCalls}. No parameter
 * and no result is null.
 */
package io.margay.controller;
