// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import io.margay.conf.Conf;
import io.margay.http.Exchange;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.OptionObject;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code limit_req}: requests of one key in a second. */
@Component(service = FilterFactory.class)
public final class LimitReqFactory implements FilterFactory {
    private static final String OPTION = "limit_req";
    private static final int ORDER = 310;
    private static final double LARGEST = 1_000_000;
    private static final double SLOWEST = 0.001;

    /** Creates the service. */
    @Activate
    public LimitReqFactory() {
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
        OptionObject options = OptionObject.of(OPTION, value, Set.of("key", "rate", "burst"), compiler.child(OPTION));
        double rate = options.number("rate", SLOWEST, LARGEST).orElseThrow(() -> options.missing("rate"));
        double burst = options.number("burst", 0, LARGEST).orElse(0.0);
        return new RateFilter(Keys.template(options), new RateTable(rate, (long) burst, RateTable.MOST));
    }

    /** Answers 429 to those that are too fast. */
    private record RateFilter(Template key, RateTable table) implements Filter {

        @Override
        public Half half() {
            return Half.REQUEST;
        }

        @Override
        public void request(Exchange exchange, Action next) {
            AsciiString whose = key.evaluate(exchange);
            long wait = whose.isEmpty() ? 0 : table.take(whose, exchange.loop().now(), System::nanoTime);
            if (wait > 0) {
                TooMany.answer(exchange, wait);
            } else {
                next.run(exchange);
            }
        }
    }
}
