// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.AccessPolicy;
import io.margay.log.ErrorLog;
import io.margay.schema.Facts;
import io.margay.schema.Schema;
import java.util.function.Supplier;

/**
 * What the configuration plane works with.
 *
 * @param loop its one thread
 * @param schema gives the options known now
 * @param facts what validation must know besides
 * @param router brings configurations into force
 * @param main keeps them
 * @param log takes lines for the server log
 * @param policy says who may do what
 */
public record ControlParts(ControlLoop loop, Supplier<Schema> schema, Facts facts, RouterCalls router, MainCalls main,
        ErrorLog log, AccessPolicy policy) {
}
