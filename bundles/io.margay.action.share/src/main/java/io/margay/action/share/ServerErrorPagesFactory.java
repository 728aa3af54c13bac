// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.conf.Conf;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code error_pages} in {@code settings/http}: for requests of all listeners. */
@Component(service = FilterFactory.class)
public final class ServerErrorPagesFactory implements FilterFactory {
    /** Behind compression, which is to see the pages. */
    private static final int ORDER = 1100;

    /** Creates the service. */
    @Activate
    public ServerErrorPagesFactory() {
    }

    @Override
    public String option() {
        return ErrorPagesReader.OPTION;
    }

    @Override
    public Scope scope() {
        return Scope.SERVER;
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
