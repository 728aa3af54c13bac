// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.AccessPolicy;
import io.margay.control.ControlApi;
import io.margay.control.ControlLimits;
import io.margay.control.ControlResources;
import io.margay.control.ControlServer;
import io.margay.controller.ConfigPlane;
import io.margay.controller.ContentKind;
import io.margay.controller.ControlLoop;
import io.margay.controller.ControlParts;
import io.margay.controller.Uploads;
import io.margay.engine.EventLoop;
import io.margay.lang.ModuleCatalogue;
import io.margay.log.ErrorLog;
import io.margay.module.ExtensionKind;
import io.margay.module.ModuleException;
import io.margay.module.ModuleReceiver;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.NamedContents;
import io.margay.port.PayloadException;
import io.margay.port.SocketError;
import io.margay.posix.Fd;
import io.margay.posix.Sockets;
import io.margay.process.CoreChild;
import io.margay.process.CoreRun;
import io.margay.process.PortRef;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessEntry;
import io.margay.process.StartException;
import io.margay.schema.Options;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/**
 * The controller: the control API over what main and the router offer. The stored configuration is applied as soon as
 * the router is there and main has named the languages. The control socket answers then, and where nothing is stored at
 * once; what is asked of the configuration waits until it is in force. On one loop.
 */
final class ControllerProcess implements CoreRun.Part {

    private static final int MAX_READERS = 1 << 20;
    private static final int MAX_POLICY = 4 << 20;
    private final ProcessContext context;
    private final EventLoop loop;
    private final ErrorLog journal;
    private final CoreChild child;
    private final BundleContext bundles;
    private final ModuleReceiver modules;
    private final ControlResources resources;
    private final Options options;
    private final RouterLink router;
    private final NextRouter next;
    private final Uploads uploads;
    private final ConfigPlane plane;
    private final ControlApi api;
    private ModuleCatalogue catalogue = ModuleCatalogue.of(List.of());
    private final Optional<Fd> listen;
    private Optional<ControlServer> server = Optional.empty();
    /** Whether the router that is there has said which options it reads. */
    private boolean readersKnown;
    private boolean serving;
    private boolean started;

    /**
     * Puts the controller together; nothing is received yet.
     *
     * @param context ends the process
     * @param child the ways to and from main
     * @param services what other bundles give
     * @param journal takes what an administrator has to know
     */
    ControllerProcess(ProcessContext context, CoreChild child, Services services, ErrorLog journal) {
        this.context = context;
        this.loop = child.loop();
        this.journal = journal;
        this.child = child;
        this.listen = child.fd("listen");
        this.bundles = services.bundles();
        this.resources = services.resources();
        this.modules = new ModuleReceiver(loop, bundles, ExtensionKind::controller);
        this.options = services.options();
        this.router = new RouterLink(child, options::schema);
        ErrorLog log = log(journal);
        this.uploads = new Uploads(loop, new ContentLink(child, router), services.certificates(),
            services.scripts(), log);
        this.plane = services.plane();
        resources.counting(id -> counts(id, modules.inForce().revisions()));
        plane.counting(id -> counts(id, modules.inForce().revisions()));
        Loop own = new Loop(loop);
        plane.open(new ControlParts(own, options::schema, uploads.facts(type ->
            catalogue.find(type).isPresent(), options::reads), router, new MainLink(child, journal), log,
            policy()), uploads);
        this.next = new NextRouter(child, router, plane, options);
        this.api = new ControlApi(own, resources, plane.access(), log);
        plane.whenListenersAreClosed(new ListenerRetry(loop, plane::openListeners)::needed);
        child.dispatcher().on(MessageType.MODULE, this::install).on(MessageType.MODULES, this::extensions)
            .on(MessageType.MODULE_USERS, this::users)
            .on(MessageType.READERS, this::readers)
            .on(MessageType.PROCESS_CHANGED, this::processChanged)
            .on(MessageType.QUIT, message -> context.exit(0))
            .on(MessageType.RETIRE, message -> server.ifPresent(it -> it.drain().thenCompose(empty ->
                plane.users(Set.of(), type -> false)).thenRunAsync(() -> context.exit(0), loop)))
            .whenRefused(this::refused);
        child.neighbours().whenArrived(this::arrived).whenLeft(this::left);
    }

    private static ErrorLog log(ErrorLog journal) {
        return (level, text) -> {
            switch (level) {
                case ALERT -> journal.alert(text);
                case ERROR -> journal.error(text);
                case WARN -> journal.warn(text);
                case NOTICE -> journal.notice(text);
                case INFO -> journal.info(text);
                default -> { }
            }
        };
    }

    /** The loop with its timers. */
    private record Loop(EventLoop loop) implements ControlLoop {

        @Override
        public void execute(Runnable task) {
            loop.execute(task);
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            return loop.schedule(millis, task)::cancel;
        }
    }

    @Override
    public void begin() {
        child.open(context::exit);
        if (!child.init().has("conf") && !child.init().has("import")) {
            // What is in force is plain without router and languages; what needs them waits.
            restoreUploads();
            plane.nothingIsStored();
            serve();
            serving = true;
        }
    }

    @Override
    public CompletionStage<?> end() {
        plane.leave();
        listen.ifPresent(Fd::close);
        return server.map(ControlServer::close).orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    private void arrived(PortRef port) {
        if (port.type().is("router")) {
            // Nothing is applied before: what nobody seems to read would be refused.
            readersKnown &= router.arrived(port);
            // The router tells it when asked: it may know this process before this process knows it.
            next.ask(port.pid());
        }
    }

    private void left(ProcessEntry entry) {
        if (entry.is("router") && router.left(entry.pid())) {
            plane.routerGone();
            readersKnown = false;
            next.instead();
        }
    }

    private void install(Message message) {
        int stream = message.stream();
        modules.install(message).whenComplete((done, failure) -> answer(stream, failure));
    }

    /** The options of a bundle count with it, all of them or it does not. */
    private void extensions(Message message) {
        ModuleReceiver.Change change = modules.change(message);
        boolean news = !modules.complete() || !change.equals(modules.inForce());
        List<String> unusable = new ArrayList<>();
        try {
            options.whenUnusable(unusable::add);
            ModuleReceiver.Change before = modules.inForce();
            modules.commit(change, () -> unusable.stream().findFirst().or(() -> rivals(change)));
            tell(before.revisions(), change.revisions());
        } catch (ModuleException e) {
            answer(message.stream(), e);
            return;
        } finally {
            options.whenUnusable(journal::alert);
        }
        modules.sweep();
        catalogue = ModuleCatalogue.fromConf(change.catalogue());
        int stream = message.stream();
        // Who brings what applications lack is told when they serve, or cannot.
        boolean waits = news && plane.lacksApplications();
        CompletionStage<?> applied = news ? proceed() : CompletableFuture.completedFuture(null);
        (waits ? applied : CompletableFuture.completedFuture(null))
            .whenCompleteAsync((done, failure) -> answer(stream, null), loop);
    }

    private void tell(Set<Integer> before, Set<Integer> now) {
        Stream.concat(before.stream(), now.stream()).distinct().sorted()
            .filter(revision -> before.contains(revision) != now.contains(revision))
            .forEach(revision -> modules.bundle(revision).ifPresent(bundle -> plane.happenings().module(
                bundle.getSymbolicName(), bundle.getVersion().toString(), now.contains(revision))));
    }

    /** Two bundles that claim a place in the control API: the second one does not come. */
    private Optional<String> rivals(ModuleReceiver.Change change) {
        return resources.rivals(bundle -> counts(bundle, change.revisions())).map(rivals ->
            "bundle " + name(rivals.second()) + " is not used: the control resource \"" + rivals.prefix()
                + "\" is that of the bundle " + name(rivals.first()));
    }

    private boolean counts(long id, Set<Integer> revisions) {
        // The framework itself, and what registers nothing but is given to it.
        return id == 0 || Optional.ofNullable(bundles.getBundle(id))
            .filter(bundle -> modules.counts(bundle, revisions)).isPresent();
    }

    private String name(long id) {
        Bundle bundle = bundles.getBundle(id);
        return bundle == null ? Long.toString(id) : bundle.getSymbolicName();
    }

    private void answer(int stream, Throwable failure) {
        if (failure == null) {
            child.main().send(Header.last(MessageType.RPC_READY, stream, child.self()));
        } else {
            child.main().send(Header.last(MessageType.RPC_ERROR, stream, child.self()),
                SocketError.plain(String.valueOf(failure.getMessage())));
        }
    }

    /** The router says which options it reads now. */
    private void readers(Message message) {
        try {
            ConfArray list = (ConfArray) ConfParser.parse(LargePayload.receive(message, "readers_handler",
                MAX_READERS));
            if (!next.reads(message.senderPid(), list.elements().stream().map(reader -> ((ConfString) reader).value())
                    .collect(Collectors.toUnmodifiableSet()))) {
                return;
            }
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("readers_handler: malformed list: " + e.getMessage());
        }
        if (!readersKnown) {
            readersKnown = true;
            proceed();
        }
    }

    /** Main asks who uses a bundle that is to go. */
    private void users(Message message) {
        ModuleReceiver.Question question = ModuleReceiver.Question.of(message);
        Set<String> readers = Set.copyOf(question.readers());
        int stream = message.stream();
        Predicate<String> type = word -> readers.contains("lang:" + ModuleCatalogue.word(word));
        (question.leave() ? plane.leave(readers, type) : plane.users(readers, type)).thenAcceptAsync(names -> {
            List<Conf> list = new ArrayList<>();
            names.forEach(name -> list.add(Conf.of(name)));
            LargePayload.send(child.main(), Header.last(MessageType.RPC_READY, stream, child.self()), "users",
                ConfWriter.compact(new ConfArray(list)));
        }, loop);
    }

    private void processChanged(Message message) {
        try {
            plane.happenings().process((ConfObject) ConfParser.parse(message.text().getBytes(StandardCharsets.UTF_8)));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("process_handler: malformed: " + e.getMessage());
        }
    }

    private void refused(Message message, String text) {
        if (message.stream() != 0 && (message.type() == MessageType.MODULES
                || message.type() == MessageType.MODULE || message.type() == MessageType.MODULE_USERS)) {
            child.main().send(Header.last(MessageType.RPC_ERROR, message.stream(), child.self()),
                SocketError.plain(text));
        }
    }

    /** Once both are there: start; later, a new router or more languages: apply what is in force again. */
    private CompletionStage<?> proceed() {
        if (!router.isThere() || !readersKnown || !modules.complete()) {
            return CompletableFuture.completedFuture(null);
        }
        if (started) {
            return plane.reapply();
        }
        started = true;
        restoreUploads();
        Map<String, byte[]> files = contents("import");
        CompletionStage<Void> restored = plane.start(
            passed("conf", "failed to restore previous configuration"), revision(), this::rejected);
        next.begin();
        if (!serving && files.isEmpty()) {
            // Applications that hang at their start must not keep those waiting who started the server.
            serve();
        } else if (!serving) {
            restored.thenComposeAsync(ignored -> new ImportedFiles(api, child.mainPid(), journal).apply(files), loop)
                .thenRunAsync(this::serve, loop);
        }
        serving = true;
        return restored;
    }

    private void restoreUploads() {
        if (!serving) {
            uploads.restore(ContentKind.CERTIFICATE, contents("certs"));
            uploads.restore(ContentKind.SCRIPT, contents("scripts"));
        }
    }

    private Map<String, byte[]> contents(String name) {
        String failed = "failed to restore the stored " + name;
        try {
            return passed(name, failed).map(NamedContents::decode).orElse(Map.of());
        } catch (PayloadException e) {
            journal.alert(failed + ": " + e.getMessage());
            return Map.of();
        }
    }

    /** Sealed memory that main has passed; what is none is told and taken for nothing. */
    private Optional<byte[]> passed(String name, String failed) {
        Optional<Fd> memory = child.fd(name);
        try {
            return memory.map(fd -> LargePayload.content(fd, child.init().integer(name + "size", 0), name,
                LargePayload.MAX_SIZE));
        } catch (PayloadException e) {
            journal.alert(failed + ": " + e.getMessage());
            return Optional.empty();
        } finally {
            memory.ifPresent(Fd::close);
        }
    }

    private void rejected() {
        child.main().send(Header.last(MessageType.CONF_REJECTED, 0, child.self()));
    }

    private OptionalLong revision() {
        long number = child.init().integer("revision", 0);
        return number > 0 ? OptionalLong.of(number) : OptionalLong.empty();
    }

    private AccessPolicy policy() {
        Optional<Fd> memory = child.fd("policy");
        try {
            return memory.isEmpty() ? AccessPolicy.NONE : AccessPolicy.of((ConfObject) ConfParser.parse(
                LargePayload.content(memory.get(), child.init().integer("policysize", 0), "policy", MAX_POLICY)));
        } catch (PayloadException | ConfSyntaxException e) {
            throw new StartException("the control policy cannot be read: " + e.getMessage(), e);
        } finally {
            memory.ifPresent(Fd::close);
        }
    }

    private void serve() {
        Fd socket = listen.orElseThrow();
        boolean unix = Sockets.getOption(socket, Sockets.SOL_SOCKET, Sockets.SO_DOMAIN) == Sockets.AF_UNIX;
        ControlServer.open(loop, socket, unix, api, ControlLimits.DEFAULT, child.init().string("version").orElseThrow())
            .whenCompleteAsync((opened, failure) -> {
                if (failure != null) {
                    journal.alert("the control socket cannot be served: " + failure.getMessage());
                    context.exit(1);
                    return;
                }
                server = Optional.of(opened);
                child.main().send(Header.last(MessageType.CONTROL_READY, 0, child.self()));
            }, loop);
    }
}
