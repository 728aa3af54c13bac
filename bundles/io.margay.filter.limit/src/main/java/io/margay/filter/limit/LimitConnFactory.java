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
import java.util.concurrent.ConcurrentHashMap;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code limit_conn}: requests of one key that are under way at the same time. */
@Component(service = FilterFactory.class)
public final class LimitConnFactory implements FilterFactory {
    private static final String OPTION = "limit_conn";
    private static final int ORDER = 320;
    private static final double LARGEST = 1_000_000;

    /** Creates the service. */
    @Activate
    public LimitConnFactory() {
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
        OptionObject options = OptionObject.of(OPTION, value, Set.of("key", "connections"), compiler.child(OPTION));
        double most = options.number("connections", 1, LARGEST).orElseThrow(() -> options.missing("connections"));
        return new CountFilter(Keys.template(options), (int) most, new ConcurrentHashMap<>());
    }

    /** Answers 429 when too many are under way; there are never more keys than requests. */
    private record CountFilter(Template key, int most, ConcurrentHashMap<AsciiString, Integer> counts)
            implements Filter {

        @Override
        public Half half() {
            return Half.REQUEST;
        }

        @Override
        public void request(Exchange exchange, Action next) {
            AsciiString whose = key.evaluate(exchange);
            if (whose.isEmpty()) {
                next.run(exchange);
                return;
            }
            AsciiString kept = Keys.kept(Keys.shortened(whose));
            if (counts.merge(kept, 1, Integer::sum) > most) {
                leave(kept);
                TooMany.answer(exchange, 1);
                return;
            }
            exchange.onDone((ended, complete) -> leave(kept));
            next.run(exchange);
        }

        private void leave(AsciiString kept) {
            counts.computeIfPresent(kept, (same, count) -> count == 1 ? null : count - 1);
        }
    }
}
