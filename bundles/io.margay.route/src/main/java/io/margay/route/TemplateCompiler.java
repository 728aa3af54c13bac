// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.margay.http.ReportedException;
import io.margay.log.ErrorLog;
import io.netty.util.AsciiString;
import java.util.Optional;

/** Compiles the templates of one plan, those in another language than variables included. */
final class TemplateCompiler {
    private final ErrorLog log;
    private Optional<TemplateLanguage> language = Optional.empty();

    TemplateCompiler(ErrorLog log) {
        this.log = log;
    }

    /** From here on the language is known. */
    void language(TemplateLanguage known) {
        language = Optional.of(known);
    }

    Template compile(String text, String option, ConfPointer at) {
        if (!Template.isScript(text)) {
            return Template.compile(text, option, at);
        }
        TemplateLanguage.Script script;
        try {
            script = language.orElseThrow(() -> new RouteException(at,
                "JavaScript templates are not supported in the \"" + option + "\" value.")).compile(text);
        } catch (TemplateException e) {
            throw new RouteException(at, e.getMessage() + " in the \"" + option + "\" value.");
        }
        return Template.of(new Scripted(script, "in the \"" + option + "\" value (" + at + ")", log, new Throttle()));
    }

    TemplateCondition condition(String text, String option, ConfPointer at) {
        boolean negated = text.startsWith("!");
        return new TemplateCondition(compile(negated ? text.substring(1) : text, option, at), negated);
    }

    /** The value of a script; what it fails with is told here, with the option that it stands in. */
    private record Scripted(TemplateLanguage.Script script, String place, ErrorLog log, Throttle throttle)
            implements Variable {

        @Override
        public Optional<AsciiString> of(Exchange exchange) {
            try {
                return Optional.of(script.evaluate(exchange));
            } catch (TemplateException e) {
                if (throttle.passes()) {
                    log.alert("js exception: " + e.getMessage() + " " + place);
                }
                throw new ReportedException(e);
            }
        }

        @Override
        public boolean readsResponse() {
            return script.readsResponse();
        }
    }
}
