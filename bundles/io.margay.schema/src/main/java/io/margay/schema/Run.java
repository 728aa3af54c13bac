// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfObject;

/**
 * One validation.
 *
 * @param root the whole configuration, for references from one part to another
 * @param facts what lies outside of it
 * @param templates the syntax of values with variables
 */
record Run(ConfObject root, Facts facts, Templates templates) {
}
