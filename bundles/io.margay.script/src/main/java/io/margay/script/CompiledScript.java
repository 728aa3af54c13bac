// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import org.osgi.annotation.versioning.ProviderType;

/** A template or a module, compiled. Immutable: for all realms of its engine, at the same time. */
@ProviderType
public interface CompiledScript {
}
