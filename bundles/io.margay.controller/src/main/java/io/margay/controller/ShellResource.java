// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.ControlPeer;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/**
 * {@code /control/shell}: command lines, which main runs. {@code POST /control/shell} opens a session, {@code POST
 * /control/shell/SESSION} runs a line in it, {@code .../complete} completes one, {@code .../interrupt} ends what runs,
 * {@code DELETE} closes it. Only for clients that the kernel names. Not in Unit. On the loop's thread only.
 */
@Component
public final class ShellResource implements ControlResource {
    private static final String FAILED = "Failed to run the command.";
    private static final int MAX_CONTENT = 4 << 20;
    private static final int MAX_SHOWN = 200;
    private static final int BAD = 400;

    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public ShellResource(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public String prefix() {
        return "/control/shell";
    }

    @Override
    public Set<String> methods() {
        return Set.of("POST", "DELETE");
    }

    @Override
    public int maxContent() {
        return MAX_CONTENT;
    }

    /** A command is in the log with its line; what a terminal asks between two of them is not worth one. */
    @Override
    public boolean changes(ControlRequest request) {
        return request.method().equals("POST") && request.place().segments().size() == 2;
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        List<String> path = request.place().segments();
        Optional<String> verb = verb(request.method(), path);
        if (verb.isEmpty()) {
            return now(path.size() > 4 ? ControlReply.missing() : ControlReply.methodNotAllowed());
        }
        if (!(request.peer() instanceof ControlPeer.Local peer)) {
            return now(ControlReply.error(403, "Access denied.",
                "The shell is for clients on a unix socket, whom the kernel names."));
        }
        if (!request.target().equals(request.path())) {
            return now(ControlReply.error(BAD, FAILED, "The shell takes no parameters."));
        }
        ConfObject content;
        try {
            content = content(request, verb.get());
        } catch (IllegalArgumentException e) {
            return now(ControlReply.error(BAD, FAILED, e.getMessage()));
        }
        ConfObject order = content.with("verb", Conf.of(verb.get()))
            .with("session", Conf.of(path.size() > 2 ? path.get(2) : ""))
            .with("uid", Conf.of(Integer.toUnsignedLong(peer.uid())));
        if (verb.get().equals("run")) {
            plane.opened().parts().log().info("control: shell \"" + shown(content.string("line").orElse(""))
                + "\" by " + peer);
        }
        return WorkQueue.guarded(() -> plane.opened().parts().main().shell(order)).thenApply(ShellResource::reply)
            .exceptionally(failure -> ControlReply.error(503, FAILED, WorkQueue.reason(WorkQueue.cause(failure))));
    }

    private static Optional<String> verb(String method, List<String> path) {
        if (method.equals("DELETE")) {
            return path.size() == 3 ? Optional.of("close") : Optional.empty();
        }
        return switch (path.size()) {
            case 2 -> Optional.of("open");
            case 3 -> Optional.of("run");
            case 4 -> Optional.of(path.get(3)).filter(Set.of("complete", "interrupt")::contains);
            default -> Optional.empty();
        };
    }

    private static ConfObject content(ControlRequest request, String verb) {
        if (!verb.equals("run") && !verb.equals("complete")) {
            return ConfObject.EMPTY;
        }
        Conf content;
        try {
            content = ConfParser.parse(request.body());
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException("The content is no JSON: " + e.detail(), e);
        }
        ConfObject object = content instanceof ConfObject found ? found : ConfObject.EMPTY;
        ConfObject.Builder known = ConfObject.builder().put("line", object.string("line").orElseThrow(() ->
            new IllegalArgumentException("The content must have the member \"line\", a string.")));
        object.string("input").ifPresent(input -> known.put("input", input));
        return known.put("cursor", object.integer("cursor", -1)).build();
    }

    /** Without values in brackets or quotes, which may be secret, and without what breaks a line of the log. */
    static String shown(String line) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < line.length() && text.length() < MAX_SHOWN; i++) {
            char c = line.charAt(i);
            if ("{['\"<".indexOf(c) >= 0) {
                return text.append("...").toString();
            }
            text.append(c < ' ' || c > '~' ? '?' : c);
        }
        return text.toString();
    }

    private static ControlReply reply(ConfObject answer) {
        return answer.object("value").map(ControlReply::value).orElseGet(() -> {
            int status = (int) answer.integer("status", 500);
            return ControlReply.error(status, status == 403 ? "Access denied." : FAILED,
                answer.string("error").orElse("no reason given"));
        });
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
