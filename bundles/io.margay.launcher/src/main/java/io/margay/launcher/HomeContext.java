// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.process.CoreSpawner;
import io.margay.process.HostProcess;
import io.margay.process.Prestarted;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessType;
import io.margay.process.ServerOptions;
import io.margay.process.StartException;
import java.io.FileOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.launch.Framework;

/** How a JVM of ours was started. */
final class HomeContext implements ProcessContext {
    private static final int STDERR = 2;

    /** Names the jar of the kind of a process. */
    private static final String KIND_JAR = "margay.kind.jar";

    private final String role;
    private final List<String> arguments;
    private final CommandLine line;
    private final Path home;
    private final HostProcess host = new OwnProcess();
    private final NewerParts parts = NewerParts.own();
    private final AtomicBoolean ready = new AtomicBoolean();
    private final CountDownLatch end = new CountDownLatch(1);
    private final AtomicReference<Throwable> failure = new AtomicReference<>();
    private final AtomicInteger code = new AtomicInteger(-1);
    private final Feature feature;
    /** The bundle with the kind of this process, if the distribution does not bring it. */
    private final Optional<DroppedKinds.Dropped> own;
    /** Bundles in the modules directory that bring kinds; in main. */
    private final List<DroppedKinds.Dropped> dropped;
    /** What main shows itself by, if it shall. */
    private final Optional<ConsoleOption> console;
    private Optional<ConfObject> init = Optional.empty();
    private Optional<Ahead> ahead = Optional.empty();
    private volatile Map<String, Object> settings = Map.of();
    private volatile Optional<Terminal> terminal = Optional.empty();
    private volatile Optional<DemandedFeatures> demanded = Optional.empty();
    private boolean silent;
    private Optional<PrivateDirectory> temporary = Optional.empty();
    private Path directory;

    HomeContext(String role, List<String> arguments, CommandLine line, Path home) throws IOException {
        this.role = role;
        this.arguments = arguments;
        this.line = line;
        this.home = home;
        this.own = Optional.ofNullable(System.getProperty(KIND_JAR)).map(Path::of).flatMap(DroppedKinds::read);
        this.console = role.equals("main") ? ConsoleOption.of(line, home) : Optional.empty();
        Feature base = own.isPresent() ? own.get().feature() : Feature.read(file(role));
        this.feature = console.isPresent() ? console.get().with(base) : base;
        this.dropped = role.equals("main") ? DroppedKinds.in(Path.of(line.modulesDirectory())) : List.of();
    }

    private Path file(String feature) {
        return home.resolve("features/" + feature + ".json");
    }

    NewerParts parts() {
        return parts;
    }

    Optional<DroppedKinds.Dropped> own() {
        return own;
    }

    List<DroppedKinds.Dropped> dropped() {
        return dropped;
    }

    /**
     * Where a bundle of the feature is installed from. A bundle that brings a kind need not know the versions here.
     *
     * @throws IOException when it is missing
     */
    String location(Feature.Entry entry) throws IOException {
        return new BundleFiles(home, role, parts, console, own.isPresent()).location(entry);
    }

    /** {@return the folders whose jars are on the class path} */
    List<Path> folders() {
        List<Path> folders = new ArrayList<>(List.of(home.resolve("system")));
        console.ifPresent(option -> folders.addAll(option.linked()));
        return folders;
    }

    /** {@return what the notes of bundles like those of this process are called} */
    String notes() {
        return console.isPresent() ? BootCache.CONSOLE : role;
    }

    /** Takes the properties of the framework. */
    void settings(Map<String, Object> all) {
        settings = Map.copyOf(all);
    }

    /** Takes the framework, for what comes later. */
    void framework(BundleContext context) {
        demanded = Optional.of(new DemandedFeatures(context, home));
    }

    /** Makes or finds the private directory. */
    Path open() throws IOException {
        if (role.equals("main")) {
            terminal = Optional.of(Terminal.keep(STDERR));
            temporary = Optional.of(PrivateDirectory.create(line.temporaryDirectory()));
            directory = temporary.get().path().resolve("main");
            PrivateDirectory.make(directory);
            startAhead();
        } else if (System.getenv(Ahead.LINE) != null) {
            directory = Path.of(System.getenv(ChildJvm.DIRECTORY));
        } else {
            init = Optional.of(parse(Optional.ofNullable(System.getenv(CoreSpawner.INIT)).orElse("{}")));
            directory = Path.of(init.get().string("dir").orElseThrow(() ->
                new IOException("a \"" + role + "\" is started by main only: " + CoreSpawner.INIT
                    + " names no \"dir\"")));
        }
        return directory;
    }

    /** The other core processes boot while this one does. */
    private void startAhead() throws IOException {
        String kinds = feature.properties().get("margay.ahead");
        if (kinds == null) {
            return;
        }
        Map<String, ChildJvm> commands = new LinkedHashMap<>();
        for (String kind : kinds.split(",")) {
            commands.put(kind, new ChildJvm(home, kind, System.getenv()));
        }
        ahead = Optional.of(new Ahead(temporary.orElseThrow().path(), commands));
    }

    /** Waits for the start data, if main sends it later. */
    void awaitStartData() throws IOException {
        String line = System.getenv(Ahead.LINE);
        if (line == null || init.isPresent() || role.equals("main")) {
            return;
        }
        Prestarted.StartData data;
        try {
            data = Prestarted.receive(Fd.own(Integer.parseInt(line)));
        } catch (StartException e) {
            // Main tells why it has gone; that its children go with it is no news.
            silent = true;
            throw e;
        }
        ConfObject.Builder numbered = ConfObject.builder();
        ConfObject sent = parse(data.text());
        List<String> names = sent.array("descriptors").orElseThrow(() -> new IOException("the start data is malformed"))
            .elements().stream().map(name -> ((ConfString) name).value()).toList();
        sent.members().forEach(numbered::put);
        for (int i = 0; i < names.size(); i++) {
            if (names.get(i).equals(Prestarted.LOG)) {
                try (Fd log = data.fds().get(i)) {
                    Descriptors.duplicateTo(log.number(), STDERR);
                }
            } else {
                numbered.put(names.get(i), data.fds().get(i).release());
            }
        }
        init = Optional.of(numbered.build());
    }

    private static ConfObject parse(String json) throws IOException {
        try {
            return (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new IOException("the start data is malformed: " + e.getMessage(), e);
        }
    }

    /**
     * Gives what was made as root so far to the account that a child is about to take: it goes on installing bundles,
     * and it must be able to remove the socket of the attach tools when it ends.
     */
    void handOver() throws IOException {
        if (temporary.isPresent() || !init.map(data -> data.has("uid") && data.has("gid")).orElse(false)) {
            return;
        }
        int uid = (int) init.get().integer("uid", -1);
        int gid = (int) init.get().integer("gid", -1);
        PrivateDirectory.giveAll(directory.resolve("bundles"), uid, gid);
        Path socket = ChildJvm.attachSocket(ProcessHandle.current().pid());
        if (Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
            PrivateDirectory.give(socket, uid, gid);
        }
    }

    /** Says why the start failed, on the terminal and in the log. */
    void alert(String text) {
        if (!silent) {
            terminal.ifPresentOrElse(both -> both.alert(text), () -> Terminal.alert(STDERR, text));
        }
    }

    Feature feature() {
        return feature;
    }

    int code() {
        return Math.max(code.get(), 0);
    }

    /**
     * Removes what {@link #open} made; a child's directory is the parent's to remove, which sees to it after a crash
     * too.
     */
    void close() {
        ahead.ifPresent(Ahead::close);
        if (temporary.isPresent()) {
            temporary.get().close();
        } else if (directory != null) {
            PrivateDirectory.remove(directory.resolve("bundles"));
        }
    }

    @Override
    public String kind() {
        return role;
    }

    @Override
    public String program() {
        return System.getProperty("margay.program", "unitd");
    }

    @Override
    public List<String> arguments() {
        return arguments;
    }

    @Override
    public ServerOptions options() {
        return line;
    }

    @Override
    public Optional<String> property(String name) {
        return Optional.ofNullable((String) settings.get(name)).or(() -> Optional.ofNullable(System.getProperty(name)));
    }

    @Override
    public boolean has(Bundle bundle) {
        return bundle.getLocation().startsWith(ClassPathModules.SCHEME + home.resolve("system"))
            || parts.has(bundle.getLocation())
            || dropped.stream().anyMatch(kind -> bundle.getLocation().equals(Home.FILE + kind.jar()));
    }

    @Override
    public Optional<String> init() {
        return init.map(ConfWriter::compactText);
    }

    @Override
    public Path home() {
        return home;
    }

    @Override
    public Path directory() {
        return directory;
    }

    @Override
    public OptionalInt statusDescriptor() {
        String number = System.getenv("MARGAY_STATUS_FD");
        return number == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(number));
    }

    @Override
    public void ready() {
        if (!ready.compareAndSet(false, true)) {
            return;
        }
        OptionalInt status = statusDescriptor();
        if (status.isPresent()) {
            try (FileOutputStream out = new FileOutputStream("/proc/self/fd/" + status.getAsInt())) {
                out.write("ok\n".getBytes(StandardCharsets.US_ASCII));
            } catch (IOException e) {
                // The start command is gone; the server runs all the same.
                System.err.println("margay: nobody waits for the start: " + e.getMessage());
            }
        }
        terminal.ifPresent(Terminal::close);
        Thread.ofPlatform().daemon().name("boot-cache").start(() -> BootCache.refresh(home));
    }

    @Override
    public void demand(String feature) throws Exception {
        demanded.orElseThrow(() -> new IllegalStateException("the framework does not run")).bring(feature);
    }

    @Override
    public HostProcess host() {
        return host;
    }

    @Override
    public Optional<Prestarted> startAhead(String kind, List<Path> newer) {
        return ahead.map(children -> children.start(kind, new ChildJvm(home, kind, System.getenv(), newer), true));
    }

    @Override
    public Optional<Prestarted> prestarted(String kind) {
        return ahead.flatMap(children -> children.take(kind));
    }

    @Override
    public Optional<Part> part(String name) throws IOException {
        return DistributionParts.find(home, name);
    }

    @Override
    public ChildCommand command(ProcessType type, List<Path> newer) {
        ChildJvm jvm = new ChildJvm(home, type.feature().orElseThrow(), System.getenv(), newer);
        List<String> argv = new ArrayList<>(jvm.argv());
        if (!Files.exists(file(type.feature().get()))) {
            dropped.stream().filter(kind -> kind.type().is(type.word())).findFirst()
                .ifPresent(kind -> argv.add(1, "-D" + KIND_JAR + "=" + kind.jar()));
        }
        return new ChildCommand(jvm.executable(), argv, jvm.environment(Map.of()));
    }

    @Override
    public Map<String, String> userEnvironment() {
        return ChildJvm.userEnvironment(System.getenv());
    }

    @Override
    public void forget(int pid) {
        ChildJvm.forget(pid);
    }

    @Override
    public void failed(Throwable reason) {
        failure.compareAndSet(null, reason);
        exit(1);
    }

    /** {@return why the work could not start} */
    Optional<Throwable> failure() {
        return Optional.ofNullable(failure.get());
    }

    /**
     * Waits for {@link #exit}, or for an administrator who stops the framework.
     *
     * <p>An exit does not stop the framework: the loops of the role still run, and the classes of a stopped bundle
     * are gone. The process ends as it is.
     */
    int awaitEnd(Framework running) throws InterruptedException {
        Thread.ofPlatform().daemon().name("framework-end").start(() -> {
            try {
                running.waitForStop(0);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exit(0);
        });
        end.await();
        return code();
    }

    @Override
    public void exit(int status) {
        if (code.compareAndSet(-1, status)) {
            end.countDown();
        }
    }
}
