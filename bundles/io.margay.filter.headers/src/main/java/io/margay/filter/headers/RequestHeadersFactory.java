// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.http.Exchange;
import io.margay.http.Request;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code request_headers}: fields of the request for the application or the server that it goes to. */
@Component(service = FilterFactory.class)
public final class RequestHeadersFactory implements FilterFactory {
    private static final String OPTION = "request_headers";
    private static final AsciiString HOST = AsciiString.cached("Host");
    /** Behind those who ask the request who it is. */
    private static final int ORDER = 900;

    /** Creates the service. */
    @Activate
    public RequestHeadersFactory() {
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
            throw here.error("", "The \"request_headers\" value must be an object.");
        }
        List<Change> changes = new ArrayList<>();
        object.members().forEach((name, text) -> {
            if (!FieldNames.isToken(name)) {
                throw here.error(name, "The request header name \"" + name + "\" is invalid.");
            }
            if (FieldNames.frames(name)) {
                throw here.error(name, "The \"" + name + "\" request header cannot be changed.");
            }
            changes.add(new Change(new AsciiString(ConfText.encode(name), false), template(name, text, here)));
        });
        return new Changes(changes.toArray(Change[]::new));
    }

    private static Optional<Template> template(String name, Conf value, PlanContext here) {
        if (value instanceof ConfNull) {
            return Optional.empty();
        }
        if (!(value instanceof ConfString text)) {
            throw here.error(name, "The \"" + name + "\" request header value must either be a string or a null");
        }
        return Optional.of(here.template(name, text.value()));
    }

    /** One field; without a template it is removed. */
    private record Change(AsciiString name, Optional<Template> value) {
    }

    /** Makes the changes, all of them of the request as it has come here. */
    private record Changes(Change[] all) implements Filter {

        @Override
        public Half half() {
            return Half.REQUEST;
        }

        @Override
        public void request(Exchange exchange, Action next) {
            List<Optional<AsciiString>> values = new ArrayList<>(all.length);
            for (Change change : all) {
                values.add(value(change, exchange));
            }
            for (int i = 0; i < all.length; i++) {
                exchange.requestField(all[i].name, values.get(i));
            }
            next.run(exchange);
        }

        private static Optional<AsciiString> value(Change change, Exchange exchange) {
            Optional<AsciiString> value = change.value.map(template -> clean(template.evaluate(exchange)));
            if (value.filter(text -> !text.isEmpty()).isPresent() || !HOST.contentEqualsIgnoreCase(change.name)) {
                return value;
            }
            // A request has one.
            Request request = exchange.request();
            return Optional.of(request.authority().isEmpty() ? request.serverName() : request.authority());
        }

        /** What a variable brings does not end the line. */
        private static AsciiString clean(AsciiString value) {
            if (HeaderFilter.isClean(value)) {
                return value;
            }
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < value.length(); i++) {
                boolean good = HeaderFilter.isClean(value.subSequence(i, i + 1, false));
                text.append(good ? value.subSequence(i, i + 1, false) : "%%%02X".formatted(value.byteAt(i)));
            }
            return new AsciiString(text);
        }
    }
}
