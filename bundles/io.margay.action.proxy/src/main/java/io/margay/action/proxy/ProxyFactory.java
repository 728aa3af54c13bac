// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.log.Complaints;
import io.margay.log.ErrorLog;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Service: the action {@code proxy}, the part {@code /upstreams} and the destinations of that name. */
@Component(service = {ActionFactory.class, SectionFactory.class, TargetFactory.class})
public final class ProxyFactory implements ActionFactory, SectionFactory, TargetFactory {
    private static final String POINTER = "/upstreams";
    private static final String SCHEME = "http://";
    private static final Set<String> OPTIONS = Set.of("proxy", "connect_timeout", "send_timeout", "response_timeout",
        "read_timeout", "keepalive_timeout");

    private final LoopSides sides = new LoopSides();
    private final Pools pools = new Pools();

    /** Creates the service. */
    @Activate
    public ProxyFactory() {
        // Everything is made when a configuration needs it.
    }

    @Override
    public String option() {
        return "proxy";
    }

    @Override
    public Set<String> options() {
        return OPTIONS;
    }

    @Override
    public String kind() {
        return "upstreams";
    }

    @Override
    public String pointer() {
        return POINTER;
    }

    @Override
    public Action compile(ConfObject action, RouteCompiler compiler) {
        String text = action.string("proxy").orElse("");
        String address = text.startsWith(SCHEME) ? text.substring(SCHEME.length()) : text;
        if (!text.startsWith(SCHEME) || !Endpoint.isAddress(address)) {
            throw compiler.error("proxy", "The \"proxy\" address is invalid \"" + address + "\"");
        }
        UpstreamServer server = new UpstreamServer(pools.open(new Endpoint(address)), 1);
        Upstream upstream = upstream(List.of(server), () -> Optional.of(server), action, compiler);
        compiler.own(upstream);
        return upstream;
    }

    @Override
    public Section compile(Optional<Conf> value, SectionContext context) {
        Map<String, Upstream> byName = new LinkedHashMap<>();
        boolean good = false;
        try {
            if (value.isPresent() && value.get() instanceof ConfObject all) {
                all.members().forEach((name, each) ->
                    byName.put(name, upstream(name, each, context.child(name))));
            }
            good = true;
            return byName.isEmpty() ? Section.NONE : new Upstreams(byName);
        } finally {
            if (!good) {
                byName.values().forEach(Upstream::close);
            }
        }
    }

    @Override
    public Targets compile(SectionContext context) {
        return context.section(POINTER).filter(Upstreams.class::isInstance).<Targets>map(Upstreams.class::cast)
            .orElse((name, target) -> Optional.empty());
    }

    private Upstream upstream(String name, Conf value, PlanContext at) {
        ConfObject conf = value instanceof ConfObject object ? object : ConfObject.EMPTY;
        ConfObject servers = conf.object("servers").orElseThrow(() ->
            at.error("", "The \"" + name + "\" upstream must contain \"servers\" object value."));
        servers.members().keySet().stream().filter(address -> !Endpoint.isAddress(address)).findFirst()
            .ifPresent(address -> {
                throw at.child("servers").error(address, "The \"" + address + "\" is not valid server address.");
            });
        List<UpstreamServer> made = new ArrayList<>();
        servers.members().forEach((address, each) -> made.add(new UpstreamServer(pools.open(new Endpoint(address)),
            each instanceof ConfObject server ? server.number("weight", 1) : 1)));
        return upstream(made, new RoundRobin(made), conf, at);
    }

    private Upstream upstream(List<UpstreamServer> servers, Balancer balancer, ConfObject conf, PlanContext at) {
        ErrorLog log = at.log();
        return new Upstream(servers, balancer, ProxyTimeouts.read(conf), sides, pools, new Complaints(log::error));
    }
}
