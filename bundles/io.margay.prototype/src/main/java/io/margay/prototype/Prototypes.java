// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.engine.EventLoop;
import io.margay.isolation.Runner;
import io.margay.lang.AppSpec;
import io.margay.log.ErrorLog;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Ports;
import io.margay.port.SocketError;
import io.margay.port.StartProcess;
import io.margay.port.WhoAmI;
import io.margay.posix.Fd;
import io.margay.process.ProcFs;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.process.Reaper;
import io.margay.process.Uplinks;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Starts prototypes for the router ({@code spec/processes.md §3.1, §14.1}), and workers of languages that have none:
 * plan, process, handshake, announcement.
 * Each start in progress is known by the stream of the router's request, which is also the stream of the answer. Used
 * on main's loop.
 */
public final class Prototypes implements AutoCloseable {

    /**
     * Starts in progress at most: far more than a configuration starts at once, since the router starts them in turn.
     */
    private static final int MAX_PENDING = 1024;

    /** What starts are made with. */
    record Tools(Ports ports, EventLoop loop, int self, ProcessTable table, ProcessEntry main, Reaper reaper,
        Uplinks uplinks,
        Runner runner, Languages languages, Host host, ErrorLog journal, Consumer<String> debug,
        Set<AppOutput> outputs, Consumer<ProcessEntry> serving, Supplier<Optional<Preparations>> preparations,
        Supplier<Holders> holders, Consumer<ProcessStart> over) {
    }

    private final Tools tools;
    private Consumer<ProcessEntry> serving = entry -> { };
    private Optional<Preparations> preparations = Optional.empty();
    private final Map<Integer, ProcessStart> pending = new HashMap<>();
    private final Holders holders;

    /**
     * Starts for main.
     *
     * @param ports makes the ways to prototypes
     * @param loop main's loop; prototypes live no longer than its thread
     * @param main main's own entry
     * @param table all processes
     * @param reaper waits for prototypes
     * @param uplinks gives prototypes their way to main
     * @param runner starts processes by plans
     * @param languages what can be started
     * @param host what every prototype gets
     * @param journal takes failures
     * @param debug takes the plans
     */
    public Prototypes(Ports ports, EventLoop loop, ProcessEntry main, ProcessTable table, Reaper reaper,
        Uplinks uplinks,
        Runner runner,
            Languages languages, Host host, ErrorLog journal, Consumer<String> debug) {
        this.tools = new Tools(ports, loop, main.pid(), table, main, reaper, uplinks, runner, languages, host, journal,
            debug,
            new HashSet<>(), entry -> serving.accept(entry), () -> preparations, this::holders,
            this::over);
        this.holders = new Holders(tools, this::begin);
    }

    /** Sets who makes what languages want to have prepared; without, they have nothing. */
    public Prototypes preparedBy(Preparations maker) {
        this.preparations = Optional.of(maker);
        return this;
    }

    /** Sets what happens when a worker that has no prototype runs: it is READY, and the router has no answer yet. */
    public Prototypes whenServing(Consumer<ProcessEntry> action) {
        this.serving = action;
        return this;
    }

    /** Takes no more of what applications write: a process of theirs may outlive them. */
    @Override
    public void close() {
        Set.copyOf(tools.outputs()).forEach(AppOutput::end);
    }

    /**
     * Handles START_PROCESS of the router: descriptors are those that the wire has named. The answer is the pid of the
     * prototype when it is ready, or of the worker when it runs, or RPC_ERROR with the reason.
     *
     * @throws PayloadException when it is malformed
     */
    public void start(Message message) {
        StartProcess request = StartProcess.decode(message);
        int stream = message.stream();
        if (stream == 0 || pending.containsKey(stream) || pending.size() >= MAX_PENDING) {
            throw new PayloadException("start_process: stream " + Integer.toUnsignedString(stream) + " cannot be used");
        }
        ConfObject conf;
        try {
            conf = (ConfObject) ConfParser.parse(request.json());
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new PayloadException("router app configuration parsing error");
        }
        if (message.fdCount() > request.descriptors().size()) {
            throw new PayloadException("start_process: " + message.fdCount() + " descriptors with "
                + request.descriptors().size() + " names");
        }
        AppSpec app = new AppSpec(request.name(), conf);
        Map<String, Fd> descriptors = new LinkedHashMap<>();
        try {
            for (String name : request.descriptors()) {
                descriptors.put(name, taken(message, descriptors.size(), name));
            }
        } catch (PayloadException e) {
            descriptors.values().forEach(Fd::close);
            throw e;
        }
        PrototypeStart start = new PrototypeStart(tools, new PrototypeStart.Order(app, request.revision(),
            request.generation(), stream, tools.table().find(message.senderPid())), this::ended);
        pending.put(stream, start);
        start.begin(descriptors);
    }

    private Holders holders() {
        return holders;
    }

    private void over(ProcessStart start) {
        pending.remove(start.stream(), start);
    }

    private void begin(HolderStart start) {
        pending.put(start.stream(), start);
        start.attempt(start::spawn);
    }

    /**
     * A router has no process of a generation any more, and will start none: what these shared is given up.
     *
     * @param router that router
     * @param generation its number
     */
    public void endGeneration(ProcessEntry router, int generation) {
        holders.end(router, generation);
    }

    /**
     * Handles PROCESS_CREATED of a process that main has spawned, before it drops its privileges.
     *
     * @throws PayloadException when no start waits for this process
     */
    public void created(Message message) {
        ProcessStart start = pending.get(message.stream());
        int pid = message.senderPid();
        if (start == null || ProcFs.parent(pid) != tools.self()) {
            throw new PayloadException("process " + pid + " sent PROCESS_CREATED in unexpected state");
        }
        start.created(pid);
    }

    /** A prototype has sent PROCESS_READY. */
    public void ready(ProcessEntry entry) {
        ProcessStart start = pending.get(entry.stream());
        if (start != null) {
            start.ready();
        }
    }

    /**
     * Answers WHOAMI of a prototype that is process 1 of its own namespace.
     *
     * @return false when the sender is no prototype
     */
    public boolean whoAmI(Message message) {
        int pid = message.senderPid();
        return tools.table().find(pid).filter(entry -> entry.is("prototype"))
            .flatMap(tools.table()::peer)
            .map(peer -> peer.send(Header.last(MessageType.RPC_READY, message.stream(), tools.self()),
                new WhoAmI(pid).encode()))
            .isPresent();
    }

    private static Fd taken(Message message, int index, String name) {
        return message.take(index).orElseThrow(() -> new PayloadException("start_process: descriptor \"" + name
            + "\" is missing"));
    }

    /** The start is over; a reason means that it failed. */
    private void ended(PrototypeStart start, String reason) {
        start.orderer().flatMap(tools.table()::peer).ifPresent(router -> {
            if (reason.isEmpty()) {
                router.send(Header.last(MessageType.RPC_READY, start.stream(), tools.self()),
                    new WhoAmI(start.pid()).encode());
            } else {
                router.send(Header.last(MessageType.RPC_ERROR, start.stream(), tools.self()),
                    SocketError.plain(reason));
            }
        });
    }
}
