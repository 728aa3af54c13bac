// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.log.ErrorLog;
import io.margay.module.CoreParts;
import io.margay.module.ModuleException;
import io.margay.module.ModuleRevision;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessEntry;
import io.margay.process.ProcessState;
import io.margay.process.ProcessTable;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import org.osgi.framework.Version;

/**
 * Newer jars of what controller and router consist of. They lie beside the private directories of the processes, where
 * every account may read them and only main's may write, under the name of the file of the distribution whose place
 * they take; a process that is started has them before all others on its class path. On main's loop, except for what
 * reads and writes files.
 */
final class PartProcesses implements CoreParts {

    private static final String ROUTER = "router";
    private static final String CONTROLLER = "controller";

    private final ProcessContext context;
    private final ProcessTable table;
    private final BooleanSupplier serving;
    private final Runnable discovered;
    private final ErrorLog journal;
    private final Path folder;
    private Map<String, List<Path>> files = Map.of();
    private Optional<RouterReplacement> routers = Optional.empty();
    private Optional<ControllerReplacement> controllers = Optional.empty();

    /**
     * Replaces nothing yet.
     *
     * @param serving whether the control socket answers, and the server does not end
     * @param discovered run each time when processes are to have other parts: first, with those of the start, when all
     *     modules that were there are known
     */
    PartProcesses(ProcessContext context, ProcessTable table, BooleanSupplier serving, Runnable discovered,
                  ErrorLog journal) {
        this.context = context;
        this.table = table;
        this.serving = serving;
        this.discovered = discovered;
        this.journal = journal;
        this.folder = context.directory().resolveSibling("parts");
    }

    /** These replace processes. */
    void by(RouterReplacement router, ControllerReplacement controller) {
        routers = Optional.of(router);
        controllers = Optional.of(controller);
    }

    /** The newer jars that a process of a kind is started with. */
    List<Path> files(String kind) {
        return files.getOrDefault(kind, List.of());
    }

    /** The next process of a kind is started without newer jars. */
    void without(String kind) {
        Map<String, List<Path>> rest = new LinkedHashMap<>(files);
        rest.remove(kind);
        files = rest;
    }

    @Override
    public Optional<Part> find(String name) {
        try {
            return context.part(name).map(part -> new Part(part.jar(), Version.parseVersion(part.version()),
                part.kinds().stream().filter(Set.of(ROUTER, CONTROLLER)::contains).collect(Collectors.toSet())));
        } catch (IOException e) {
            throw new ModuleException("the parts of the server cannot be read: " + e.getMessage(), e);
        }
    }

    private Path file(ModuleRevision part) {
        return folder.resolve(Integer.toString(part.number())).resolve(part.part().orElseThrow().jar());
    }

    @Override
    public void prepare(ModuleRevision part) {
        Path file = file(part);
        try {
            for (Path directory : List.of(folder, file.getParent())) {
                Files.createDirectories(directory);
                // Explicitly, since the umask may have taken bits away.
                Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            }
            part.copyTo(file);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("r--r--r--"));
        } catch (IOException e) {
            PrivateFiles.remove(file.getParent());
            throw new ModuleException("its jar cannot be put where processes find it: " + e, e);
        }
    }

    @Override
    public void discard(ModuleRevision part) {
        // Whoever runs with it has it open.
        try {
            PrivateFiles.remove(file(part).getParent());
        } catch (UncheckedIOException e) {
            journal.warn("a jar that is not needed any more stays until the server ends: " + e.getMessage());
        }
    }

    @Override
    public boolean isReady() {
        return serving.getAsBoolean() && routers.filter(each -> !each.isBusy()).isPresent()
            && router().filter(entry -> entry.state() == ProcessState.READY).isPresent();
    }

    private Optional<ProcessEntry> router() {
        return table.all(ROUTER).stream().filter(entry -> !entry.isRetiring()).findFirst();
    }

    @Override
    public CompletionStage<Void> use(Collection<ModuleRevision> parts, Set<String> processes) {
        discovered.run();
        Map<String, List<Path>> before = files;
        if (!processes.isEmpty() && !isReady()) {
            return CompletableFuture.failedFuture(new ModuleException(ModuleException.Kind.BUSY,
                "no process can be replaced now: the server starts, leaves, or replaces one"));
        }
        files = byKind(parts);
        processes.forEach(this::tell);
        boolean both = processes.contains(ROUTER) && processes.contains(CONTROLLER);
        return (processes.contains(ROUTER) ? replaceRouter() : done())
            .thenCompose(router -> processes.contains(CONTROLLER) ? controller(both, before) : done())
            .whenComplete((used, failure) -> {
                if (failure != null) {
                    files = before;
                }
            }).exceptionallyCompose(failure -> CompletableFuture.failedFuture(reason(failure)));
    }

    private static ModuleException reason(Throwable failure) {
        Throwable cause = failure.getCause() == null ? failure : failure.getCause();
        return new ModuleException(ModuleException.Kind.FAILED, cause.getMessage() + "; the processes of before serve "
            + "on, and the log says more");
    }

    private static CompletionStage<Void> done() {
        return CompletableFuture.completedFuture(null);
    }

    private Map<String, List<Path>> byKind(Collection<ModuleRevision> parts) {
        Map<String, List<Path>> kinds = new LinkedHashMap<>();
        for (ModuleRevision part : parts) {
            part.part().orElseThrow().processes().forEach(kind ->
                kinds.computeIfAbsent(kind, key -> new ArrayList<>()).add(file(part)));
        }
        return kinds;
    }

    private void tell(String kind) {
        List<Path> newer = files(kind);
        journal.notice(newer.isEmpty() ? "a new " + kind + " runs with the server's own jars"
            : "a new " + kind + " runs with newer jars, and so without the boot cache: "
            + newer.stream().map(file -> file.getFileName().toString()).collect(Collectors.joining(", ")));
    }

    private CompletionStage<Void> replaceRouter() {
        Optional<ProcessEntry> old = router();
        return routers.orElseThrow().begin(OptionalInt.empty()).exceptionallyCompose(failure -> {
            // The old one has died meanwhile: the new one, whose place nobody has, serves.
            boolean taken = router().filter(now -> !old.equals(Optional.of(now))).isPresent();
            return taken ? done() : CompletableFuture.failedFuture(failure);
        });
    }

    /** Without a new controller the router goes back to what it had. */
    private CompletionStage<Void> controller(boolean both, Map<String, List<Path>> before) {
        return controllers.orElseThrow().begin().exceptionallyCompose(failure -> {
            files = before;
            return (both ? replaceRouter().exceptionally(again -> {
                journal.alert("the router goes on with newer jars that the controller cannot use: "
                    + again.getMessage());
                return null;
            }) : done()).thenCompose(back -> CompletableFuture.failedFuture(failure));
        });
    }

    @Override
    public void refuse(int pid, String reason) {
        routers.ifPresent(each -> each.refuse(pid, reason));
    }
}
