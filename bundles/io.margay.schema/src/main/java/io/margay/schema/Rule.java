// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

/** Tests one value and what it holds. */
@FunctionalInterface
interface Rule {

    /** Throws for the first problem found. */
    void validate(Subject at) throws Invalid;
}
