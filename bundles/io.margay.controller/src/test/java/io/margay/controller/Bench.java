// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.certificate.CertificateBundle;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.AccessPolicy;
import io.margay.control.ControlApi;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ControlResources;
import io.margay.control.RequestHeaders;
import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.module.ModuleOrder;
import io.margay.posix.Fd;
import io.margay.schema.Facts;
import io.margay.schema.SchemaRegistry;
import io.margay.script.ModuleSyntax;
import io.margay.store.ChangeNote;
import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.function.BiFunction;
import java.util.function.Predicate;

/** A control API whose surroundings a test plays; tasks run when {@link #drain} is called. */
final class Bench implements ErrorLog, RouterCalls, MainCalls {
    private static final SchemaRegistry SCHEMAS = schemas();

    final List<String> log = new ArrayList<>();
    final List<String> audit = new ArrayList<>();
    final List<String> stored = new ArrayList<>();
    final List<String> applied = new ArrayList<>();
    final List<String> restarted = new ArrayList<>();
    final List<Revision> history = new ArrayList<>();
    final List<String> previewed = new ArrayList<>();
    final List<String> timers = new ArrayList<>();
    Optional<Runnable> timer = Optional.empty();
    CompletableFuture<ConfObject> preview = CompletableFuture.completedFuture(ConfObject.EMPTY);
    final Deque<Runnable> tasks = new ArrayDeque<>();
    BiFunction<String, Set<String>, CompletionStage<Applied>> applier =
        (conf, without) -> CompletableFuture.completedFuture(Applied.success());
    ControlPeer peer = new ControlPeer.Local(0, 0, 1, List.of());
    boolean storeFails;
    boolean mainIsGone;
    boolean helpersFail;
    boolean python = true;
    Predicate<String> readers = reader -> true;
    final Shelf contents = new Shelf();
    final Uploads uploads;
    final ConfigPlane plane = new ConfigPlane();
    final ControlResources resources = new ControlResources(this);
    final ControlApi api;

    Bench() {
        this(null);
    }

    Bench(Executor loop) {
        this(loop, AccessPolicy.NONE);
    }

    Bench(Executor loop, AccessPolicy policy) {
        Executor own = loop == null ? tasks::add : loop;
        uploads = new Uploads(own, contents, CertificateBundle::parse, ModuleSyntax::problem, this);
        Facts facts = uploads.facts(type -> type.equals("external") || python && type.startsWith("python"),
            reader -> readers.test(reader));
        plane.open(new ControlParts(new Loop(own), SCHEMAS::current, facts, this, this, this, policy), uploads);
        for (ControlResource resource : List.of(new ConfigResource(plane), new StatusResource(plane),
            new WholeResource(plane), new CertificatesResource(plane), new ScriptsResource(plane),
            new AppsResource(plane), new RevisionsResource(plane), new ConfirmResource(plane),
            new ModulesResource(plane), new ProcessesResource(plane),
            new ApiDescription(plane), new OtherResource())) {
            resources.add(resource, Map.of());
        }
        api = new ControlApi(own, resources, plane.access(), this);
    }

    private final class Loop implements ControlLoop {
        private final Executor own;

        Loop(Executor own) {
            this.own = own;
        }

        @Override
        public void execute(Runnable task) {
            own.execute(task);
        }

        @Override
        public Runnable after(long millis, Runnable task) {
            return later(millis, task);
        }
    }

    @Override
    public CompletionStage<ConfObject> preview(byte[] conf, LeftOut without) {
        previewed.add(new String(conf, StandardCharsets.UTF_8));
        return preview;
    }

    /** Of main and of the router, which are not told apart. */
    @Override
    public CompletionStage<Conf> inspect(String name) {
        return helpersFail ? CompletableFuture.failedFuture(new IOException("not there"))
            : CompletableFuture.completedFuture(name.isEmpty() ? new ConfArray(List.of(Conf.of("threads")))
            : ConfObject.builder().put(name, 7).build());
    }

    /** What main answers to orders about modules. */
    ConfObject moduleAnswer = ConfObject.EMPTY;
    final List<ModuleOrder> orders = new ArrayList<>();

    @Override
    public CompletionStage<ConfObject> module(ModuleOrder order, Optional<Fd> jar) {
        jar.ifPresent(Fd::close);
        orders.add(order);
        return CompletableFuture.completedFuture(moduleAnswer);
    }

    /** What main answers to orders of shells. */
    ConfObject shellAnswer = ConfObject.EMPTY;
    final List<ConfObject> shellOrders = new ArrayList<>();

    @Override
    public CompletionStage<ConfObject> shell(ConfObject order) {
        shellOrders.add(order);
        return CompletableFuture.completedFuture(shellAnswer);
    }

    @Override
    public CompletionStage<Void> replace(String kind, OptionalInt seconds) {
        applied.add("replace " + kind + seconds);
        return mainIsGone ? CompletableFuture.failedFuture(new IllegalStateException("not now"))
            : CompletableFuture.completedFuture(null);
    }

    @Override
    public CompletionStage<OptionalInt> uid(String name) {
        return CompletableFuture.completedFuture(
            name.startsWith("u") ? OptionalInt.of(Integer.parseInt(name.substring(1))) : OptionalInt.empty());
    }

    private Runnable later(long millis, Runnable task) {
        timers.add(millis + " ms");
        timer = Optional.of(task);
        return () -> timer = timer.filter(other -> other != task);
    }

    private static SchemaRegistry schemas() {
        SchemaRegistry registry = new SchemaRegistry();
        SchemaFiles.all().forEach(registry::put);
        return registry;
    }

    Bench started(String configuration) {
        plane.start(Optional.of(bytes(configuration)), () -> log.add("rejected"));
        drain();
        applied.clear();
        return this;
    }

    /** Runs everything that is ready. */
    void drain() {
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
    }

    CompletableFuture<ControlReply> ask(String method, String target, String body) {
        return ask(method, target, body, Map.of());
    }

    /** With header fields. */
    CompletableFuture<ControlReply> ask(String method, String target, String body, Map<String, String> headers) {
        Map<String, List<String>> fields = new LinkedHashMap<>();
        headers.forEach((name, value) -> fields.put(name, List.of(value)));
        CompletableFuture<ControlReply> reply = api.handle(new ControlRequest(method, target, new RequestHeaders(
            fields),
            bytes(body), peer)).toCompletableFuture();
        drain();
        return reply;
    }

    /** The time of what was to be done later has come. */
    void runTimer() {
        Runnable task = timer.orElseThrow();
        timer = Optional.empty();
        task.run();
        drain();
    }

    /** Status and body without white space. */
    String say(String method, String target, String body) {
        ControlReply reply = ask(method, target, body).getNow(null);
        return reply == null ? "waits" : reply.status() + " " + compact(reply);
    }

    static String compact(ControlReply reply) {
        return new String(reply.body(), StandardCharsets.UTF_8).replaceAll("[\r\n\t]", "");
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public CompletionStage<Applied> applyNext(ConfObject root, byte[] compactJson, LeftOut parts) {
        applied.add("next");
        return applier.apply(new String(compactJson, StandardCharsets.UTF_8), Set.of());
    }

    @Override
    public CompletionStage<Applied> apply(ConfObject root, byte[] compactJson, LeftOut parts) {
        String conf = new String(compactJson, StandardCharsets.UTF_8);
        Set<String> leftOut = new HashSet<>(parts.applications().keySet());
        leftOut.addAll(parts.listeners().keySet());
        applied.add(leftOut.isEmpty() ? conf : conf + " without " + leftOut.stream().sorted().toList());
        return applier.apply(conf, leftOut);
    }

    @Override
    public CompletionStage<Stored> store(byte[] compactJson, ChangeNote note) {
        if (mainIsGone) {
            return CompletableFuture.failedFuture(new MainCalls.Gone("main takes no requests"));
        }
        stored.add(new String(compactJson, StandardCharsets.UTF_8));
        if (storeFails) {
            return CompletableFuture.failedFuture(new IOException("disk full"));
        }
        ConfObject.Builder line = ConfObject.builder().put("number", history.size() + 1);
        note.toConf().members().forEach(line::put);
        history.add(new Revision(line.build(), compactJson));
        return CompletableFuture.completedFuture(new Stored(OptionalLong.of(history.size()), ""));
    }

    @Override
    public CompletionStage<List<ConfObject>> revisions() {
        return helpersFail ? CompletableFuture.failedFuture(new IOException("no main"))
            : CompletableFuture.completedFuture(history.stream().map(Revision::note).toList());
    }

    @Override
    public CompletionStage<Optional<Revision>> revision(long number) {
        return CompletableFuture.completedFuture(number > history.size() ? Optional.empty()
            : Optional.of(history.get((int) number - 1)));
    }

    @Override
    public CompletionStage<ConfObject> status() {
        try {
            return helpersFail ? CompletableFuture.failedFuture(new IOException("no router"))
                : CompletableFuture.completedFuture((ConfObject) ConfParser.parse(
                    bytes("{\"connections\": {\"active\": 1}}")));
        } catch (ConfSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public CompletionStage<Void> restart(String application) {
        restarted.add(application);
        return helpersFail ? CompletableFuture.failedFuture(new IOException("no router"))
            : CompletableFuture.completedFuture(null);
    }

    @Override
    public void write(Level level, String text) {
        // The audit line of each request would only repeat what the test asks for; it has a test of its own.
        if (!text.startsWith("control: ")) {
            log.add(level.name().toLowerCase(Locale.ROOT) + " " + text);
        } else {
            audit.add(text);
        }
    }
}
