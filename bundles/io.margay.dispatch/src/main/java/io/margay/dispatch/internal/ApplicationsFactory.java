// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.AppPools;
import io.margay.dispatch.PoolHost;
import io.margay.lang.AppSpec;
import io.margay.log.ErrorLog;
import io.margay.route.RouteException;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * The applications of the configuration: compiled to pools, of which those that have not changed are kept with their
 * processes, and offered as destinations of {@code pass}. There is none before somebody hosts pools.
 */
@Component(service = {SectionFactory.class, TargetFactory.class, AppPools.class})
public final class ApplicationsFactory implements SectionFactory, TargetFactory, AppPools {

    static final String POINTER = "/applications";

    private final PoolHost host;
    private final ErrorLog log;
    private final List<AppPool> pools = new CopyOnWriteArrayList<>();
    private final Parking parking;

    /**
     * Makes pools for a host.
     *
     * @param host gives loops, languages and processes
     * @param log takes what pools report
     */
    @Activate
    public ApplicationsFactory(@Reference PoolHost host, @Reference ErrorLog log) {
        this.host = host;
        this.log = log;
        this.parking = new Parking(host, this::letGo);
    }

    @Override
    public String pointer() {
        return POINTER;
    }

    @Override
    public String kind() {
        return "applications";
    }

    @Override
    public List<AppPool> all() {
        return List.copyOf(pools);
    }

    @Override
    public Section compile(Optional<Conf> value, SectionContext context) {
        return ApplicationsSection.compile(this, value, context);
    }

    @Override
    public Targets compile(SectionContext context) {
        Section section = context.section(POINTER).orElseThrow(() -> context.error("", "there are no applications"));
        if (section instanceof ApplicationsSection applications) {
            return applications;
        }
        throw context.error("", "the applications are those of another bundle");
    }

    @Override
    public void unpark() {
        parking.clear();
    }

    Parking parking() {
        return parking;
    }

    ErrorLog log() {
        return log;
    }

    int loops() {
        return host.loops().size();
    }

    void onControl(Runnable task) {
        host.control().execute(task);
    }

    /**
     * What an application is to be made with.
     *
     * @throws RouteException when its language or the wire of that is not there
     */
    PoolHost.Installed language(AppSpec app, ConfPointer at) {
        return host.language(app.type()).orElseThrow(() -> new RouteException(at.child("type"),
            "The module to run \"" + app.type() + "\" is not found among the available application modules."));
    }

    PoolHost.InstalledWire wire(AppSpec app, PoolHost.Installed installed, ConfPointer at) {
        String name = installed.language().wire(app);
        return host.wire(name).orElseThrow(() -> new RouteException(at.child("type"),
            "No installed bundle supports the wire \"" + name + "\" of applications of type \"" + app.type() + "\"."));
    }

    /** Makes a pool; nothing is started. */
    Held pool(AppSpec app, PoolHost.Installed installed, PoolHost.InstalledWire wire) {
        AppPool pool = new AppPool(app, installed.language(), wire.factory(), host.home(), host.loops(),
            host.processes(installed.revision()), log);
        pools.add(pool);
        host.using(pool, new HashSet<>(List.of(installed.revision(), wire.revision())));
        return new Held(pool, new Held.Made(installed.revision(), wire.factory()));
    }

    /** A configuration lets go of a pool. */
    void letGo(Held held) {
        if (held.letGo()) {
            held.pool.retire().thenRun(() -> onControl(() -> {
                pools.remove(held.pool);
                host.released(held.pool);
            }));
        }
    }
}
