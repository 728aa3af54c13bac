// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.HolderNamespaces;
import io.margay.isolation.Isolation;
import io.margay.isolation.IsolationException;
import io.margay.isolation.Mount;
import io.margay.isolation.Severity;
import io.margay.isolation.Started;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.PreparedContent;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/**
 * One start of a prototype that forks, or of a worker that main starts itself, perhaps into the namespaces of a
 * holder. Used on main's loop.
 */
final class PrototypeStart extends ProcessStart {

    private static final long MOST_SHOWN = 64 << 10;

    /**
     * What the router asks for.
     *
     * @param app the application
     * @param revision the installation of its language module
     * @param generation the processes that it belongs to, 0 for none
     * @param stream of the request
     * @param orderer the router
     */
    record Order(AppSpec app, int revision, int generation, int stream, Optional<ProcessEntry> orderer) {
    }

    private final Order order;
    private final BiConsumer<PrototypeStart, String> ended;
    /** What the router has sent, until the process has it. */
    private final Map<String, Fd> given = new LinkedHashMap<>();
    private boolean worker;
    private InstalledModule module;
    private Launch bare;
    private Isolation isolation;
    private List<Mount> mounts = List.of();
    private Optional<Holder> holder = Optional.empty();
    private Optional<HolderNamespaces> namespaces = Optional.empty();
    private AppOutput output;
    private Leftovers leftovers;
    private Optional<PreparedContent> wanted = Optional.empty();

    PrototypeStart(Prototypes.Tools tools, Order order, BiConsumer<PrototypeStart, String> ended) {
        super(tools, order.app(), order.stream(), order.orderer());
        this.order = order;
        this.ended = ended;
    }

    @Override
    String kind() {
        return worker ? "app" : "prototype";
    }

    /** Begins; the descriptors are closed when the process has them, or the start is over. */
    void begin(Map<String, Fd> descriptors) {
        given.putAll(descriptors);
        attempt(this::prepare);
    }

    /**
     * Asks the language and the configuration what is to be started.
     *
     * @throws IsolationException when the configuration forbids it
     */
    private void prepare() {
        module = tools().languages().module(app().type()).orElseThrow(this::unknownType);
        Language language = tools().languages().language(module.type(), order.revision())
            .orElseThrow(this::unknownType);
        bare = PrototypePlan.launch(app(), module, language, tools().host());
        worker = bare.prototype() != Launch.Prototype.FORKS;
        isolation = Isolation.parse(app().name(), app().conf(), tools().host().server(), tools().host().accounts());
        isolation.notices().forEach(notice -> Notices.log(tools().journal(), notice));
        mounts = PrototypePlan.mounts(module, bare, isolation, notice -> Notices.log(tools().journal(), notice));
        if (bare.prototype() == Launch.Prototype.HOLDER && order.generation() != 0
            && Holder.isNeeded(isolation, mounts)) {
            Holder found = tools().holders().get().of(order, isolation, mounts);
            holder = Optional.of(found);
            found.enter(this::enter, this::fail);
        } else {
            spawn();
        }
    }

    /** The holder is there. */
    private void enter(HolderNamespaces its) {
        if (!isOver()) {
            namespaces = Optional.of(its);
            attempt(this::spawn);
        }
    }

    @Override
    Started start(Fd own, Fd main) {
        Optional<Fd> file = prepared();
        Launch launch = file.isPresent() ? bare.withPrepared() : bare;
        try (PlanFds fds = new PlanFds(errors())) {
            if (!worker) {
                fds.port(own, main);
            }
            given.forEach(fds::put);
            file.ifPresent(fd -> fds.own(bare.prepared().orElseThrow().name(), fd));
            fds.content(launch);
            if (worker) {
                // The program does not get them: behind the others they leave no gap.
                fds.port(own, main);
            }
            Started made = run(new PrototypePlan(name(), app(), module, launch, tools().host(), isolation,
                tools().self(), stream()).build(fds, mounts, namespaces));
            leftovers = new Leftovers(plan(), isolation, given.values(),
                pid -> pid == tools().self() || tools().table().find(pid).isPresent(), tools().journal());
            if (plan().environment().values().stream().mapToLong(String::length).sum() <= MOST_SHOWN) {
                // One of megabytes is nothing to read, and its text would take the memory of several.
                tools().debug().accept("plan of " + name() + ":\n" + made.journey().text());
            }
            return made;
        } finally {
            dropGiven();
        }
    }

    private void dropGiven() {
        given.values().forEach(Fd::close);
        given.clear();
    }

    /** What was prepared for it at an earlier start, or is to be now, when this one is over. */
    private Optional<Fd> prepared() {
        Optional<Preparations> maker = tools().preparations().get();
        Optional<Fd> file = maker.flatMap(all -> bare.prepared().flatMap(all::open));
        wanted = file.isPresent() ? Optional.empty() : bare.prepared();
        return file;
    }

    private Fd errors() {
        Fd[] pipe = Descriptors.pipe();
        output = AppOutput.open(tools().loop(), name(), tools().host().outputRate(), tools().host().log(),
            tools().journal(), tools().outputs(), pipe[0]);
        return pipe[1];
    }

    private IsolationException unknownType() {
        return new IsolationException(Severity.ALERT, "unknown application type: \"" + app().type() + "\"");
    }

    @Override
    void registered(ProcessEntry fresh) {
        // The way to a worker ends with the handshake; whoever has to stop it, sends a signal.
        tools().table().addPort(fresh, 0, worker ? Optional.empty() : Optional.of(port()));
        if (worker) {
            fresh.onExit(port()::close);
            fresh.onExit(() -> {
                long later = leftovers.end(fresh);
                if (later > 0) {
                    tools().loop().schedule(later, () -> leftovers.kill(fresh));
                }
            });
        }
        fresh.lastWords(output::drain);
        holder.ifPresent(keeper -> keeper.adopt(fresh));
    }

    /** A worker's program was executed; or it was killed before, which is heard of next. */
    @Override
    void done(ProcessEntry process) {
        if (!worker) {
            return;
        }
        port().close();
        if (process.state() == ProcessState.CREATED && process.ready()) {
            tellStarted();
            tools().serving().accept(process);
            end("");
        }
    }

    @Override
    void ended(String reason) {
        dropGiven();
        ended.accept(this, reason);
        if (reason.isEmpty()) {
            // Not earlier, as it would take processor time from this start.
            tools().preparations().get().ifPresent(maker -> wanted.ifPresent(maker::make));
        }
    }
}
