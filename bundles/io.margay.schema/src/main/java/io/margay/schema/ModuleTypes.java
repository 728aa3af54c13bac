// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import org.osgi.annotation.versioning.ConsumerType;

/** The language modules that applications may use now. */
@FunctionalInterface
@ConsumerType
public interface ModuleTypes {

    /**
     * True when a module serves an application of this type.
     *
     * @param typeText the {@code type} as written: a word, optionally with a version ({@code python 3.11})
     */
    boolean has(String typeText);
}
