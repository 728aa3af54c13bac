// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import java.util.function.Function;

/** A filter of a test: what an option makes of its value. */
record FilterOf(String option, Scope scope, int order, Function<Conf, Filter> filter) implements FilterFactory {

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        return filter.apply(value);
    }
}
