// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfObject;
import java.util.Map;

/**
 * One validation.
 *
 * @param root the whole configuration, for references from one part to another
 * @param facts what lies outside of it
 * @param targets destinations of {@code pass} that bundles offer, by their first word
 * @param templates the syntax of values with variables
 */
record Run(ConfObject root, Facts facts, Map<String, ConfObject> targets, Templates templates) {
}
