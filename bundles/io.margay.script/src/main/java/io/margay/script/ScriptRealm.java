// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import java.util.Map;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Where one thread runs scripts. Each run has variables of its own, those of modules included, so nothing goes from one
 * request to another; what all share, such as {@code Array}, cannot be changed.
 */
@ProviderType
public interface ScriptRealm {
    /** Steps that a run may take. */
    int MOST_STEPS = 1_000_000;
    /** Time that a run may take, milliseconds. */
    int MOST_MILLIS = 500;
    /** Memory that a run may allocate, bytes. */
    int MOST_BYTES = 16 << 20;

    /**
     * Runs a template.
     *
     * @param modules by the names that the template knows them by; each is run when it is first named
     * @return its value as a text
     * @throws ScriptException if it throws, or takes more than it may
     */
    String run(CompiledScript template, Map<String, CompiledScript> modules, ScriptRequest request);
}
