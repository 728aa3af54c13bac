// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.port.Header;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.Rpc;
import io.margay.posix.Fd;
import io.margay.posix.Processes;
import io.margay.posix.Sockets;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessTable;
import io.margay.testing.Kinds;
import io.margay.testing.Lines;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import org.osgi.framework.launch.Framework;

/** Main, router and controller, each with a framework of its own, in one JVM. */
final class ModuleStage implements AutoCloseable {

    private static final int SECONDS = 20;
    static final int ROUTER = 1_000_000_001;
    private static final int CONTROLLER = 1_000_000_002;

    final Lines lines = new Lines();
    final EventLoops loops = EventLoops.create("module", 1, failure -> lines.alert("loop " + failure));
    final EventLoop loop = loops.loop(0);
    final Rpc rpc = new Rpc(loop, Rpc.OWNER_MAIN, lines);
    final Path directory;
    final Framework main;
    final FakeProcess router;
    final FakeProcess controller;
    final Modules modules;
    private final ProcessTable table;
    volatile int started;

    ModuleStage(Path base) throws Exception {
        this(base, ModulePolicy.NONE);
    }

    ModuleStage(Path base, ModulePolicy policy) throws Exception {
        this(base, policy, CoreParts.NONE);
    }

    ModuleStage(Path base, ModulePolicy policy, CoreParts parts) throws Exception {
        directory = Files.createDirectories(base.resolve("modules"));
        main = Jars.framework(base.resolve("main"));
        table = new ProcessTable(Kinds.stock(), "main", lines);
        router = process(ROUTER, "router", Jars.framework(base.resolve("router")), ExtensionKind::router);
        controller = process(CONTROLLER, "controller", Jars.framework(base.resolve("controller")),
            ExtensionKind::controller);
        modules = new Modules(loop, new Modules.Sources(directory,
            new DiskStorage(Files.createDirectories(base.resolve("state"))), main.getBundleContext(),
            bundle -> bundle.getLocation().contains("/system/"), policy, parts), ModuleFacts.NONE,
            new ModuleNews(Processes.pid(), rpc, table, 0, lines), lines);
    }

    private FakeProcess process(int pid, String type, Framework framework,
            Function<ExtensionKind, ExtensionKind.Use> use) {
        return call(() -> {
            Fd[] pair = Sockets.seqpacketPair();
            ProcessEntry entry = table.add(pid, type, "", Optional.empty());
            table.addPort(entry, 0, Optional.of(new Peer(loop, pair[1], lines, (peer, reason) -> { })));
            entry.ready();
            return new FakeProcess(this, pid, pair[0], framework, use);
        });
    }

    /** Begins and waits until the processes know what there is. */
    void begin() {
        call(() -> {
            modules.begin(() -> started++);
            return 0;
        });
        await("the controller knows what counts", () -> controller.receiver.complete());
    }

    /** The router tells main. */
    void released(int revision) {
        router.heard.add("released " + revision);
        try (Message message = new Message(Header.last(MessageType.MODULE_RELEASED, 0, ROUTER),
                ByteBuffer.wrap(Integer.toString(revision).getBytes(StandardCharsets.US_ASCII)), ROUTER, 0, 0)) {
            modules.released(message);
        }
    }

    /** Main's bundles besides the framework. */
    int bundles() {
        return main.getBundleContext().getBundles().length - 1;
    }

    <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                result.complete(task.call());
            } catch (Exception | AssertionError e) {
                result.completeExceptionally(e);
            }
        });
        return result.orTimeout(SECONDS, TimeUnit.SECONDS).join();
    }

    void await(String reason, BooleanSupplier condition) {
        long deadline = System.nanoTime() + SECONDS * 1_000_000_000L;
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("waited in vain: " + reason + "; log " + lines.all + ", router "
                    + router.heard + ", controller " + controller.heard);
            }
            LockSupport.parkNanos(2_000_000);
        }
    }

    void awaitLine(String part) {
        await(part, () -> lines.all.stream().anyMatch(line -> line.contains(part)));
    }

    @Override
    public void close() {
        call(() -> {
            modules.close();
            table.all().forEach(table::remove);
            return 0;
        });
        router.close();
        controller.close();
        loops.close();
        Jars.stop(main);
    }
}
