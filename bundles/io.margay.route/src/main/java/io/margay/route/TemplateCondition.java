// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;

/** A template, or its negation, that a request is tested with (spec/routing.md §6.4). */
record TemplateCondition(Template template, boolean negated) implements Match {

    static TemplateCondition compile(String text, String option, ConfPointer at) {
        boolean negated = text.startsWith("!");
        return new TemplateCondition(Template.compile(negated ? text.substring(1) : text, option, at), negated);
    }

    @Override
    public boolean test(Exchange exchange) {
        return template.isTrue(exchange) != negated;
    }
}
