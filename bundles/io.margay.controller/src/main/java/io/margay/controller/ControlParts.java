// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.schema.Facts;
import io.margay.schema.Schema;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What a {@link ControlApi} works with.
 *
 * @param loop the one thread of the API
 * @param schema gives the options known now
 * @param facts what validation must know besides
 * @param applier brings configurations into force
 * @param store keeps them
 * @param status tells the server's status
 * @param restarter restarts applications
 * @param log takes lines for the server log
 * @param delay runs tasks later
 * @param previewer tells what a configuration would do
 * @param revisions knows the configurations of before
 * @param policy says who may do what
 * @param users knows the users that the policy may concern
 */
public record ControlParts(Executor loop, Supplier<Schema> schema, Facts facts, Applier applier, ConfigStore store,
        StatusSource status, Restarter restarter, ControlLog log, Delay delay, Previewer previewer,
        RevisionSource revisions, AccessPolicy policy, UserIds users) {
}
