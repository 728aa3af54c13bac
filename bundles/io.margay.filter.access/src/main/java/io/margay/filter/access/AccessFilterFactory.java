// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.access;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.http.Exchange;
import io.margay.http.PeerAddress;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code access}: lists of addresses that may or may not come to an action. */
@Component
public final class AccessFilterFactory implements FilterFactory {
    private static final String OPTION = "access";
    private static final int ORDER = 210;
    private static final Set<String> MEMBERS = Set.of("allow", "deny");

    /** Creates the service. */
    @Activate
    public AccessFilterFactory() {
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
        PlanContext here = compiler.child(OPTION);
        if (!(value instanceof ConfObject object)) {
            throw here.error("", "The \"access\" value must be an object.");
        }
        for (String name : object.members().keySet()) {
            if (!MEMBERS.contains(name)) {
                throw here.error(name, "Unknown parameter \"" + name + "\".");
            }
        }
        Optional<Predicate<PeerAddress>> allow = addresses(object, "allow", here);
        Optional<Predicate<PeerAddress>> deny = addresses(object, "deny", here);
        if (allow.isEmpty() && deny.isEmpty()) {
            throw here.error("", "The \"access\" object must have either \"allow\" or \"deny\" option set.");
        }
        return new AccessFilter(allow.orElse(address -> true), deny.orElse(address -> false));
    }

    private static Optional<Predicate<PeerAddress>> addresses(ConfObject object, String name, PlanContext here) {
        return object.get(name).filter(value -> !(value instanceof ConfNull)).map(value -> here.addresses(name, value));
    }

    /** Lets requests through by the address of their client. */
    private record AccessFilter(Predicate<PeerAddress> allow, Predicate<PeerAddress> deny) implements Filter {

        @Override
        public Half half() {
            return Half.REQUEST;
        }

        @Override
        public void request(Exchange exchange, Action next) {
            PeerAddress client = exchange.request().remote();
            if (deny.test(client) || !allow.test(client)) {
                exchange.fail(403);
            } else {
                next.run(exchange);
            }
        }
    }
}
