// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.engine.EventEngine;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.RouteCompiler;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import io.margay.status.Inspector;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** Service: the action {@code proxy}, the part {@code /upstreams} and the destinations of that name. */
@Component(service = {ActionFactory.class, SectionFactory.class, TargetFactory.class})
public final class ProxyFactory implements ActionFactory, SectionFactory, TargetFactory {
    private static final String POINTER = "/upstreams";
    private static final Set<String> OPTIONS = Set.of("proxy", "connect_timeout", "send_timeout", "response_timeout",
        "read_timeout", "keepalive_timeout", "request_buffering", "retry", "proxy_protocol", "tls", "fastcgi",
        "http2", "resolver");

    private final UpstreamHost host;
    private final ServiceRegistration<?> inspector;
    private final ServerStates states = new ServerStates();
    private final UpstreamReader reader = new UpstreamReader(states);

    /** Creates the service. */
    @Activate
    public ProxyFactory(BundleContext bundles, @Reference EventEngine engine) {
        // Everything else is made when a configuration needs it.
        host = new UpstreamHost(bundles, engine, ProxyFactory::failed);
        inspector = bundles.registerService(Inspector.class, new UpstreamInspector(host::current), null);
    }

    private static void failed(Throwable failure) {
        Thread thread = Thread.currentThread();
        thread.getThreadGroup().uncaughtException(thread, failure);
    }

    /** Ends what is its own; configurations have ended before. */
    @Deactivate
    public void deactivate() {
        inspector.unregister();
        host.close();
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
        Upstream upstream = reader.action(action, compiler, compiler.section(POINTER)
            .filter(Upstreams.class::isInstance).map(Upstreams.class::cast).orElseThrow().contexts());
        compiler.own(upstream);
        return upstream;
    }

    @Override
    public Section compile(Optional<Conf> value, SectionContext context) {
        TlsContexts contexts = new TlsContexts();
        Map<String, Upstream> byName = new LinkedHashMap<>();
        boolean good = false;
        try {
            if (value.isPresent() && value.get() instanceof ConfObject all) {
                all.members().forEach((name, each) ->
                    byName.put(name, reader.upstream(name, each, context.child(name), contexts)));
            }
            good = true;
            return new Upstreams(byName, contexts, host);
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
}
