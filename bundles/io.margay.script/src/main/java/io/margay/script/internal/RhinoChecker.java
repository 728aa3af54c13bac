// SPDX-License-Identifier: Apache-2.0
package io.margay.script.internal;

import io.margay.script.ModuleSyntax;
import io.margay.script.ScriptChecker;
import java.util.Optional;
import org.osgi.service.component.annotations.Component;

/** Checks with Rhino's parser, which is loaded with the first module. */
@Component
public final class RhinoChecker implements ScriptChecker {

    @Override
    public Optional<String> problem(String name, String source) {
        return ModuleSyntax.problem(name, source);
    }
}
