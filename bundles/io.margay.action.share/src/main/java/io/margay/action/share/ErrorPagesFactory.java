// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.conf.Conf;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code error_pages} in action objects: for requests that come to this action. */
@Component(service = FilterFactory.class)
public final class ErrorPagesFactory implements FilterFactory {
    /** Before all that may refuse a request, so that refusals have the pages, too. */
    private static final int ORDER = 15;

    /** Creates the service. */
    @Activate
    public ErrorPagesFactory() {
    }

    @Override
    public String option() {
        return ErrorPagesReader.OPTION;
    }

    @Override
    public Scope scope() {
        return Scope.ACTION;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Set<String> reads() {
        return Set.of("/settings/http/static");
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        return ErrorPagesReader.read(value, compiler);
    }
}
