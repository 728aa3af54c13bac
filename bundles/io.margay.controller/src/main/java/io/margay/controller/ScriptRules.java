// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.script.ScriptChecker;
import java.util.Optional;

/** JavaScript modules ({@code spec/control-api.md §9}). */
final class ScriptRules implements ContentRules {
    private static final int MAX_SIZE = 1 << 20;

    private final ScriptChecker checker;

    ScriptRules(ScriptChecker checker) {
        this.checker = checker;
    }

    @Override
    public String noun() {
        return "JS module";
    }

    @Override
    public String lowerNoun() {
        return "JS module";
    }

    @Override
    public String uploaded() {
        return "JS module uploaded.";
    }

    @Override
    public String notStored() {
        return "Failed to store script.";
    }

    /** Templates are compiled with the modules of their configuration: another one needs another configuration. */
    @Override
    public boolean isReplaceable() {
        return false;
    }

    @Override
    public Conf inspect(String name, byte[] content) throws InvalidContentException {
        if (content.length > MAX_SIZE) {
            throw new InvalidContentException("The module exceeds " + MAX_SIZE + " bytes.");
        }
        String source = ConfText.decode(content);
        Optional<String> problem = checker.problem(name, source);
        if (problem.isPresent()) {
            // As Unit shows it: like a string of the script's language, with its quotes.
            throw new InvalidContentException('"' + problem.get().replace("\\", "\\\\").replace("\"", "\\\"") + '"');
        }
        return new ConfString(source);
    }

    @Override
    public boolean isUsed(ConfObject configuration, String name) {
        return CertificateRules.names(configuration.object("settings").flatMap(settings -> settings.get("js_module")),
            name);
    }
}
