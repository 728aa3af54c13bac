// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.conf.Conf;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.PeerAddress;
import io.margay.http.Request;
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

/** The option {@code request_id}: one name of a request for the application, the client and the logs. */
@Component(service = FilterFactory.class)
public final class RequestIdFactory implements FilterFactory {
    private static final String OPTION = "request_id";
    private static final String DEFAULT = "X-Request-Id";
    /** First of all, so that the answers of the others have it, too. */
    private static final int ORDER = 10;

    /** Creates the service. */
    @Activate
    public RequestIdFactory() {
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
        OptionObject options = OptionObject.of(OPTION, value, Set.of("header", "accept_from"), compiler.child(OPTION));
        String header = options.text("header").orElse(DEFAULT);
        if (!FieldNames.mayChange(header)) {
            throw options.error("header", "The request header name \"" + header + "\" is invalid.");
        }
        return new IdFilter(AsciiString.of(header), options.get("accept_from")
            .map(list -> options.at().addresses("accept_from", list)).orElse(address -> true));
    }

    /** Takes the id that came, if it is a harmless one, or the server's own. */
    private record IdFilter(AsciiString name, Predicate<PeerAddress> trusted) implements Filter {
        private static final int LONGEST = 128;

        @Override
        public void request(Exchange exchange, Action next) {
            Request request = exchange.request();
            int field = request.find(name, 0);
            if (field >= 0 && trusted.test(request.remote()) && request.find(name, field + 1) < 0
                && isGood(request.value(field))) {
                exchange.requestId(new AsciiString(request.value(field).toByteArray(), false));
            } else {
                exchange.requestField(name, Optional.of(request.requestId()));
            }
            next.run(exchange);
        }

        @Override
        public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
            head.remove(name);
            head.add(name, exchange.request().requestId());
            return Optional.empty();
        }

        /** Whether it can stand anywhere: in a log, a path, a command. */
        private static boolean isGood(AsciiString id) {
            for (int i = 0; i < id.length(); i++) {
                byte c = id.byteAt(i);
                boolean good = c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '-'
                    || c == '_' || c == '.' || c == ':' || c == '+' || c == '/' || c == '=';
                if (!good) {
                    return false;
                }
            }
            return !id.isEmpty() && id.length() <= LONGEST;
        }
    }
}
