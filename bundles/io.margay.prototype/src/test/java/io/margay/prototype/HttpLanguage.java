// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.lang.Language;
import io.margay.lang.Probe;
import java.util.List;

/** A language of a test, of which only the start matters. */
@FunctionalInterface
interface HttpLanguage extends Language {

    @Override
    default String type() {
        return "test";
    }

    @Override
    default String wire() {
        return "http";
    }

    @Override
    default List<Probe> probes() {
        return List.of();
    }
}
