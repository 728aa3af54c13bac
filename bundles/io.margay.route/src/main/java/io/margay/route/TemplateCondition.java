// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;

/** A template, or its negation, that a request is tested with (spec/routing.md §6.4). */
record TemplateCondition(Template template, boolean negated) implements Match {

    @Override
    public boolean test(Exchange exchange) {
        return template.isTrue(exchange) != negated;
    }
}
