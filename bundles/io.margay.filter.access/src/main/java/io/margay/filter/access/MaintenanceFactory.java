// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.access;

import io.margay.conf.Conf;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.PeerAddress;
import io.margay.http.ResponseHead;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.OptionObject;
import io.margay.route.RouteCompiler;
import io.netty.util.AsciiString;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code maintenance}: nobody may come for a while, but some. */
@Component(service = FilterFactory.class)
public final class MaintenanceFactory implements FilterFactory {
    private static final String OPTION = "maintenance";
    private static final int ORDER = 205;
    private static final long LONGEST = 31_536_000;
    private static final Set<String> MEMBERS = Set.of("enabled", "retry_after", "allow");

    /** Creates the service. */
    @Activate
    public MaintenanceFactory() {
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
        OptionObject options = OptionObject.of(OPTION, value, MEMBERS, compiler.child(OPTION));
        boolean enabled = options.flag("enabled", true);
        Optional<AsciiString> retryAfter = options.integer("retry_after", 1, LONGEST)
            .map(seconds -> AsciiString.of(Long.toString(seconds)));
        Predicate<PeerAddress> allow = options.get("allow").map(list -> options.at().addresses("allow", list))
            .orElse(address -> false);
        return enabled ? new Closed(allow, retryAfter) : new Open();
    }

    /** Lets all through. */
    private record Open() implements Filter {

        @Override
        public Half half() {
            return Half.REQUEST;
        }
    }

    /** Answers 503, and when to come again (RFC 9110 §10.2.3). */
    private record Closed(Predicate<PeerAddress> allow, Optional<AsciiString> retryAfter) implements Filter {
        private static final AsciiString RETRY_AFTER = AsciiString.cached("Retry-After");
        private static final int UNAVAILABLE = 503;

        @Override
        public Half half() {
            return Half.REQUEST;
        }

        @Override
        public void request(Exchange exchange, Action next) {
            if (allow.test(exchange.request().remote())) {
                next.run(exchange);
                return;
            }
            if (retryAfter.isPresent()) {
                exchange.filter(this::tell);
            }
            exchange.fail(UNAVAILABLE);
        }

        private Optional<BodyFilter> tell(Exchange exchange, ResponseHead head) {
            head.set(RETRY_AFTER, retryAfter.get());
            return Optional.empty();
        }
    }
}
