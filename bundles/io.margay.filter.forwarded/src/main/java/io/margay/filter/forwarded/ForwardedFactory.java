// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.forwarded;

import io.margay.conf.Conf;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code forwarded} of listeners. */
@Component(service = FilterFactory.class)
public final class ForwardedFactory implements FilterFactory {
    private static final String OPTION = "forwarded";
    private static final int ORDER = 100;

    /** Creates the service. */
    @Activate
    public ForwardedFactory() {
    }

    @Override
    public String option() {
        return OPTION;
    }

    @Override
    public Scope scope() {
        return Scope.LISTENER;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        return ForwardedOptions.forwarded(value, compiler.child(OPTION));
    }
}
