// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.port.Dispatcher;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Port;
import io.margay.port.Ports;
import io.margay.port.ReceiveBuffer;
import io.margay.port.Rpc;
import io.margay.posix.Credentials;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.Stream;
import org.osgi.framework.BundleContext;

/**
 * What controller and router have in common: the start data, the ways to and from main, the ids that they take, and
 * the end with main ({@code spec/processes.md §3.1}, column "core"). Made on any thread, used on its loop.
 */
public final class CoreChild {

    private final ConfObject init;
    private final String kind;
    private final Ports ports;
    private final EventLoop loop;
    private final ErrorLog journal;
    private final int self = Processes.pid();
    private final ReceiveBuffer buffer = new ReceiveBuffer();
    private final ProcessTable table;
    private final Rpc rpc;
    private final Neighbours neighbours;
    private final Dispatcher dispatcher;
    private final Peer main;
    private final Fd read;
    private final Fd live;
    private Runnable lost = () -> { };
    private Optional<AutoCloseable> line = Optional.empty();
    private Optional<Port> port = Optional.empty();
    private Optional<Runnable> shown = Optional.empty();

    /**
     * Takes over what main has passed.
     *
     * @param text start data, compact JSON
     * @param kind name of the own kind
     * @param ports makes the ways to and from main
     * @param loop the loop that does everything but HTTP
     * @param owner number for its streams, see {@link Rpc}
     * @param journal takes what goes wrong
     * @throws StartException when the start data is not main's
     */
    public CoreChild(String text, String kind, Ports ports, EventLoop loop, int owner, ErrorLog journal) {
        try {
            this.init = (ConfObject) ConfParser.parse(text.getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new StartException("the start data of the " + kind + " is malformed: " + e.getMessage(), e);
        }
        this.kind = kind;
        this.ports = ports;
        this.loop = loop;
        this.journal = journal;
        this.table = new ProcessTable(kinds(), kind, journal);
        // Two of a kind live at once while one takes the place of the other: their streams never meet.
        this.rpc = ports.rpc(loop, owner + (int) init.integer("generation", 0), journal);
        this.neighbours = new Neighbours(ports, loop, table, rpc, journal);
        this.dispatcher = ports.dispatcher(table, journal);
        this.read = fd("read").orElseThrow(() -> new StartException("the start data names no port"));
        this.live = fd("live").orElseThrow(() -> new StartException("the start data names no live line"));
        this.main = ports.peer(loop, fd("main").orElseThrow(() ->
            new StartException("the start data names no way to main")),
            journal, (gone, reason) -> lost.run());
        dispatcher.on(MessageType.NEW_PORT, neighbours::newPort)
            .on(MessageType.REMOVE_PID, neighbours::removePid)
            .on(MessageType.CHANGE_FILE, LogChange::change);
    }

    private ProcessKinds kinds() {
        try {
            return ProcessKinds.of(init.array("kinds").orElseThrow(() ->
                new StartException("the start data names no kinds of processes")));
        } catch (IllegalArgumentException e) {
            throw new StartException("the start data names malformed kinds of processes: " + e.getMessage(), e);
        }
    }

    /** The start data. */
    public ConfObject init() {
        return init;
    }

    /**
     * Takes over an inherited descriptor; programs started later do not inherit it.
     *
     * @param name its name in the start data
     */
    public Optional<Fd> fd(String name) {
        if (!(init.get(name).orElse(null) instanceof ConfNumber number)) {
            return Optional.empty();
        }
        Descriptors.closeOnExec((int) number.longValue(), true);
        return Optional.of(Fd.own((int) number.longValue()));
    }

    /** Main's pid. */
    public int mainPid() {
        return (int) init.integer("pid", 0);
    }

    /** The title of this process, as {@code ps} shows it. */
    String title() {
        return table.kinds().get(kind).title("");
    }

    /** The own pid. */
    public int self() {
        return self;
    }

    /** The loop. */
    public EventLoop loop() {
        return loop;
    }

    /** The processes that this one knows. */
    public ProcessTable table() {
        return table;
    }

    /** The requests that wait for an answer. */
    public Rpc rpc() {
        return rpc;
    }

    /** The table of messages; the role adds its rows before {@link #open}. */
    public Dispatcher dispatcher() {
        return dispatcher;
    }

    /** Takes the news of other processes. */
    public Neighbours neighbours() {
        return neighbours;
    }

    /** The way to main. */
    public Peer main() {
        return main;
    }

    /** The buffer of all ports on the loop. */
    public ReceiveBuffer buffer() {
        return buffer;
    }

    /**
     * Shows its ports to who inspects this process, until it is closed.
     *
     * @param bundles of any bundle of the framework
     */
    public void showPorts(BundleContext bundles) {
        // That of main is nobody's who comes and goes, and so not in the table.
        table.named().put(new PortRef(mainPid(), 0, table.kinds().get("main"), Optional.of(main)), "main");
        shown = Optional.of(PortInspector.register(bundles, table, () -> List.of(read.number())));
    }

    /**
     * Takes the ids of the unprivileged user, begins to receive, and tells main that it is ready. On the loop.
     *
     * @param end called with an exit status when main has gone, or takes no messages
     * @throws RuntimeException when a thread has kept its privileges: nothing was received yet
     */
    public void open(IntConsumer end) {
        if (init.has("uid")) {
            int[] groups = init.array("groups").orElse(ConfArray.EMPTY).elements().stream()
                .mapToInt(group -> (int) ((ConfNumber) group).longValue()).toArray();
            int uid = (int) init.integer("uid", -1);
            int gid = (int) init.integer("gid", -1);
            if (Credentials.effectiveUid() == 0) {
                init.string("dir").ifPresent(directory -> own(Path.of(directory), uid, gid));
                Credentials.apply(uid, gid, groups);
                // Main had it set; the kernel forgets it with the old ids, and a process that hangs hears nothing else.
                Processes.deathSignal(Signals.SIGKILL);
            } else {
                // Main is not root and lives on capabilities: they were given up before this program started.
                Credentials.verify(uid, gid, groups);
            }
        }
        Credentials.verifyUnprivileged();
        if (!Processes.hasNoNewPrivileges()) {
            throw new StartException("failed to set no_new_privs");
        }
        ProcessEntry entry = table.add(mainPid(), "main", "", Optional.empty());
        entry.ready();
        line = Optional.of(LiveLine.watch(loop, live, () -> end.accept(1)));
        // What main does not take is lost, and main waits for it; another process begins anew.
        lost = () -> end.accept(1);
        dispatcher.answers(rpc);
        port = Optional.of(ports.receive(loop, read, buffer, Port.Limits.DEFAULT, dispatcher, journal));
        main.send(Header.last(MessageType.PROCESS_READY, 0, self));
        HeapKeeper.keep(loop);
    }

    /**
     * The signals that {@link CoreRun} watches, by {@code spec/processes.md §11}: the parent of this process takes care
     * of what follows.
     */
    void signal(int number, IntConsumer end) {
        switch (number) {
            case Signals.SIGTERM, Signals.SIGINT, Signals.SIGQUIT -> end.accept(0);
            default -> journal.notice("signal signo:" + number + " (" + Signals.name(number) + ") received, ignored");
        }
    }

    /**
     * Gives back what it has opened and ends the requests that wait. On the loop; nothing is received any more. It may
     * have failed to open.
     */
    public void close() {
        rpc.cancelAll();
        shown.ifPresent(Runnable::run);
        try {
            line.orElse(live::close).close();
        } catch (Exception e) {
            journal.alert("the line to main cannot be closed: " + e);
        }
        port.ifPresentOrElse(Port::close, read::close);
        table.all().forEach(table::remove);
        main.close();
    }

    /** The framework has made its cache with the ids of main, and installs more bundles with the new ones. */
    private static void own(Path directory, int uid, int gid) {
        try (Stream<Path> tree = Files.walk(directory)) {
            // The directory itself last: until then nobody but root can put a link in the place of what is below it.
            for (Path path : tree.toList().reversed()) {
                Files.setAttribute(path, "unix:gid", gid, LinkOption.NOFOLLOW_LINKS);
                Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
            }
        } catch (IOException | UncheckedIOException e) {
            throw new StartException("the private directory \"" + directory + "\" cannot be read: " + e.getMessage(),
                e);
        }
    }
}
