// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.http.Exchange;
import io.margay.http.HttpSettings;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.RouteCompiler;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code max_body_size}: how large bodies of requests may be for one action. */
@Component(service = FilterFactory.class)
public final class BodySizeFactory implements FilterFactory {
    private static final String OPTION = "max_body_size";
    /** Before who reads bodies or takes long to say who may come, behind who says by the address alone. */
    private static final int ORDER = 220;
    private static final int TOO_LARGE = 413;

    /** Creates the service. */
    @Activate
    public BodySizeFactory() {
    }

    @Override
    public String option() {
        return OPTION;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        // Those that are larger never come here.
        long most = compiler.settings().integer(OPTION, HttpSettings.DEFAULTS.maxBodySize());
        if (!(value instanceof ConfNumber number) || !number.isInteger() || number.longValue() < 0) {
            throw compiler.error(OPTION, "The \"max_body_size\" value must be an integer that is not negative.");
        }
        if (number.longValue() > most) {
            throw compiler.error(OPTION, "The \"max_body_size\" value must not exceed that of \"settings.http\", "
                + most + ".");
        }
        return new SizeFilter(number.longValue());
    }

    /** Answers 413 to those that are too large. */
    private record SizeFilter(long most) implements Filter {

        @Override
        public Half half() {
            return Half.REQUEST;
        }

        @Override
        public void request(Exchange exchange, Action next) {
            if (exchange.request().contentLength() > most) {
                exchange.fail(TOO_LARGE);
                return;
            }
            exchange.limitBody(most);
            next.run(exchange);
        }
    }
}
