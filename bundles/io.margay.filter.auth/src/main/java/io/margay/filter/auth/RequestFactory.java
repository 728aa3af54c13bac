// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.log.Complaints;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.OptionObject;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code auth_request}: another server or an application says who may come. */
@Component(service = FilterFactory.class)
public final class RequestFactory implements FilterFactory {
    private static final String OPTION = "auth_request";
    private static final int ORDER = 430;
    private static final Set<String> MEMBERS = Set.of("action", "uri", "headers", "timeout");
    private static final long TIMEOUT = 10;
    /** Filters may not take longer than a minute. */
    private static final long LONGEST = 50;

    /** Creates the service. */
    @Activate
    public RequestFactory() {
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
        RouteCompiler here = compiler.child(OPTION);
        OptionObject options = OptionObject.of(OPTION, value, MEMBERS, here);
        Conf object = options.get("action").orElseThrow(() -> options.missing("action"));
        if (!(object instanceof ConfObject action)) {
            throw options.error("action", "The \"action\" value must be an object.");
        }
        Template uri = here.template("uri", options.text("uri").orElse("/"));
        if (uri.isConstant() && !uri.literals().getFirst().startsWith("/")) {
            throw options.error("uri", "The \"uri\" value must begin with \"/\".");
        }
        List<AsciiString> headers = new ArrayList<>();
        List<String> names = options.texts("headers").orElse(List.of());
        for (int i = 0; i < names.size(); i++) {
            boolean one = options.get("headers").orElseThrow() instanceof ConfString;
            headers.add(one ? Injected.name(names.get(i), here, "headers")
                : Injected.name(names.get(i), here.child("headers"), Integer.toString(i)));
        }
        Action ask = here.action("action", action);
        return new RequestFilter(ask, uri, headers, options.integer("timeout", 1, LONGEST).orElse(TIMEOUT),
            new Complaints(text -> compiler.log().error("auth_request: " + text)));
    }
}
