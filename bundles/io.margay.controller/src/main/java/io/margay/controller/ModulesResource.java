// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfEdit;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.control.ControlPath;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.lang.ModuleCatalogue;
import io.margay.module.ModuleOrder;
import io.margay.module.ModuleOrder.Verb;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /modules}: the extension bundles of the server, and orders about them, which main carries out. Not in Unit.
 * {@code PUT /modules/NAME} with a jar brings one, {@code POST /modules} takes the name from the jar, {@code DELETE}
 * takes one away, {@code POST /modules/NAME/rollback} puts the version before back, {@code PUT /modules/NAME/pinned}
 * with {@code true} or {@code false} holds it as it is or not. On the loop's thread only.
 */
@Component
public final class ModulesResource implements ControlResource {
    private static final String FAILED = "Failed to change the module.";
    private static final int FIRST_COPY = 3;
    private static final String DIGEST = "\"?([0-9a-f]{64})\"?";
    private static final Map<String, Integer> STATUS = Map.of("INVALID", 400, "MISSING", 404, "USED", 409, "CONFLICT",
        412, "BUSY", 503, "FAILED", 500);

    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public ModulesResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/modules";
    }

    @Override
    public int largeContent() {
        return ModuleOrder.MAX_JAR;
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        List<String> path = request.place().segments().stream().skip(1).map(ControlPath::decodeFully).toList();
        Optional<String> name = path.stream().findFirst();
        String method = request.method();
        if (method.equals("GET")) {
            return read(path);
        }
        if (method.equals("PUT") && path.size() == 1 || method.equals("POST") && path.isEmpty()) {
            Optional<Fd> jar = request.large().map(memory -> Descriptors.duplicate(memory.number(), FIRST_COPY));
            return jar.isEmpty() && request.body().length == 0
                ? now(ControlReply.error(400, FAILED, "there is no jar in the request"))
                : order(request, Verb.PUT, name.orElse(""),
                    Optional.of(jar.orElseGet(() -> Files.sealedMemory("module", request.body()))));
        }
        if (method.equals("DELETE") && path.size() == 1) {
            return order(request, Verb.REMOVE, name.get(), Optional.empty());
        }
        if (method.equals("POST") && path.size() == 2 && path.get(1).equals("rollback")) {
            return order(request, Verb.ROLLBACK, name.get(), Optional.empty());
        }
        if (method.equals("PUT") && path.size() == 2 && path.get(1).equals("pinned")) {
            return pin(request, name.get());
        }
        return now(ControlReply.methodNotAllowed());
    }

    private CompletionStage<ControlReply> pin(ControlRequest request, String name) {
        return switch (new String(request.body(), StandardCharsets.UTF_8).strip()) {
            case "true" -> order(request, Verb.PIN, name, Optional.empty());
            case "false" -> order(request, Verb.UNPIN, name, Optional.empty());
            default -> now(ControlReply.error(400, FAILED, "\"pinned\" is true or false"));
        };
    }

    private CompletionStage<ControlReply> order(ControlRequest request, Verb verb, String name,
            Optional<Fd> jar) {
        Optional<String> match = request.headers().get("If-Match");
        if (match.isPresent() && !match.get().matches(DIGEST)) {
            jar.ifPresent(Fd::close);
            return now(ControlReply.error(400, FAILED, "\"If-Match\" is no SHA-256"));
        }
        boolean force = request.query().values("force").contains("true");
        ModuleOrder order;
        try {
            order = new ModuleOrder(verb, name, match.map(text -> text.replace("\"", "")), force,
                jar.map(memory -> Files.status(memory.number()).size()).orElse(0L), request.peer().toString());
        } catch (IllegalArgumentException e) {
            jar.ifPresent(Fd::close);
            return now(ControlReply.error(400, FAILED, e.getMessage()));
        }
        return ask(order, jar).thenApply(answer -> answer.object("value").map(value -> ControlReply.value(
            ConfObject.builder().put("success", success(verb)).put("module", value).build())).orElseGet(() ->
                refused(answer))).exceptionally(ModulesResource::silent);
    }

    private static String success(Verb verb) {
        return switch (verb) {
            case PUT -> "Module installed.";
            case REMOVE -> "Module removed.";
            case ROLLBACK -> "Module rolled back.";
            case PIN -> "Module pinned.";
            default -> "Module unpinned.";
        };
    }

    private static ControlReply refused(ConfObject answer) {
        String text = answer.string("error").orElse("");
        int status = STATUS.getOrDefault(answer.string("kind").orElse(""), 500);
        return ControlReply.error(status, status == 404 ? "Module doesn't exist." : FAILED, text);
    }

    private static ControlReply silent(Throwable failure) {
        return ControlReply.error(503, FAILED, WorkQueue.reason(WorkQueue.cause(failure)));
    }

    private CompletionStage<ConfObject> ask(ModuleOrder order, Optional<Fd> jar) {
        return WorkQueue.guarded(() -> plane.opened().parts().main().module(order, jar));
    }

    private CompletionStage<ControlReply> read(List<String> path) {
        return ask(ModuleOrder.of(Verb.LIST, "", ""), Optional.empty()).thenComposeAsync(answer -> {
            ConfObject all = answer.object("value").orElse(ConfObject.EMPTY);
            CompletionStage<ConfObject> whole = CompletableFuture.completedFuture(ConfObject.EMPTY);
            for (String name : all.members().keySet()) {
                if (path.isEmpty() || name.equals(path.getFirst())) {
                    whole = whole.thenCompose(before -> used(all.object(name).orElse(ConfObject.EMPTY)).thenApply(
                        module -> before.with(name, module)));
                }
            }
            return whole;
        }, plane.opened().parts().loop()).thenApply(all -> ConfEdit.get(all, path).map(ControlReply::value).orElseGet(
            () -> path.size() == 1 ? ControlReply.error(404, "Module doesn't exist.") : ControlReply.missing()))
            .exceptionally(ModulesResource::silent);
    }

    /** With who uses it. */
    private CompletionStage<ConfObject> used(ConfObject module) {
        Set<String> readers = module.array("extensions").orElse(ConfArray.EMPTY).elements().stream()
            .map(reader -> ((ConfString) reader).value()).collect(Collectors.toSet());
        return readers.isEmpty() ? CompletableFuture.completedFuture(module) : plane.users(readers, type ->
            readers.contains("lang:" + ModuleCatalogue.word(type))).thenApply(names -> {
                List<Conf> users = new ArrayList<>();
                names.forEach(name -> users.add(Conf.of(name)));
                return module.with("users", new ConfArray(users));
            });
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
