// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfPointer;
import java.util.Optional;

/**
 * The first thing wrong with a configuration.
 *
 * @param detail the text for the client, fixed by {@code spec/configuration.md}
 * @param path the offending value; for an unknown or a missing member the object that holds or lacks it
 * @param suggestion what to do: the known member that an unknown one was probably meant to be, or what to install
 */
public record Problem(String detail, ConfPointer path, Optional<String> suggestion) {
}
