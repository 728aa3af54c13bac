// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfObject;
import io.margay.main.CommandShell;
import java.security.SecureRandom;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.felix.service.command.CommandProcessor;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/**
 * The sessions: at most {@value #MOST} at a time, each its opener's alone, closed when nobody has used them for
 * a while.
 * Thread-safe.
 */
@Component(service = CommandShell.class)
public final class Shell implements CommandShell {
    /** Sessions at a time. */
    static final int MOST = 8;

    private static final long IDLE_SECONDS = 900;
    private static final long COMMAND_MILLIS = 100_000;

    private final CommandProcessor processor;
    private final long millis;
    private final Map<String, ShellCommand> commands = new TreeMap<>();
    private final SecureRandom random = new SecureRandom();
    private final Map<String, Owned> sessions = new HashMap<>();
    private final ScheduledExecutorService timer = Executors.newScheduledThreadPool(1,
        Thread.ofPlatform().daemon().name("shell timer").factory());

    private record Owned(ShellSession session, long uid) {
    }

    /** Has no sessions yet. */
    @Activate
    public Shell(@Reference CommandProcessor processor, @Reference List<ShellCommand> commands) {
        this(processor, commands, COMMAND_MILLIS);
    }

    Shell(CommandProcessor processor, List<ShellCommand> commands, long millis) {
        this.processor = processor;
        commands.forEach(command -> this.commands.put(command.name(), command));
        this.millis = millis;
        timer.scheduleWithFixedDelay(() -> tidy(IDLE_SECONDS), IDLE_SECONDS, IDLE_SECONDS / 10, TimeUnit.SECONDS);
    }

    @Override
    public CompletionStage<ConfObject> order(Server server, ConfObject order) {
        String name = order.string("session").orElse("");
        long uid = order.integer("uid", -1);
        try {
            return switch (order.string("verb").orElse("")) {
                case "open" -> CompletableFuture.completedFuture(open(server, uid));
                case "run" -> find(name, uid).run(order.string("line").orElse(""), order.string("input"));
                case "complete" -> CompletableFuture.completedFuture(find(name, uid).complete(
                    order.string("line").orElse(""), (int) order.integer("cursor", -1)));
                case "interrupt" -> {
                    find(name, uid).interrupt();
                    yield done();
                }
                case "close" -> {
                    close(name, uid);
                    yield done();
                }
                default -> throw new Refused(400, "This is no order for a shell.");
            };
        } catch (Refused e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    private static CompletionStage<ConfObject> done() {
        return CompletableFuture.completedFuture(ConfObject.builder().put("success", "Ok").build());
    }

    private synchronized ConfObject open(Server server, long uid) {
        tidy(IDLE_SECONDS);
        if (sessions.size() >= MOST) {
            // Whoever went without a word does not keep others out.
            Optional<String> oldest = sessions.entrySet().stream().filter(entry ->
                !entry.getValue().session().isRunning()).min(Comparator.comparingLong(entry ->
                    entry.getValue().session().idleSince() - System.nanoTime())).map(Map.Entry::getKey);
            sessions.remove(oldest.orElseThrow(() -> new Refused(503, MOST + " shells run commands already.")))
                .session().close();
        }
        byte[] bytes = new byte[16];
        random.nextBytes(bytes);
        String name = HexFormat.of().formatHex(bytes);
        sessions.put(name, new Owned(new ShellSession(processor, timer, millis, server, commands), uid));
        return ConfObject.builder().put("session", name).put("version", server.version()).build();
    }

    /** Another's session is not told from one that is none. */
    private synchronized ShellSession find(String name, long uid) {
        Owned owned = sessions.get(name);
        if (owned == null || owned.uid() != uid || owned.session().isClosed()) {
            throw new Refused(404, "This shell session has ended.");
        }
        return owned.session();
    }

    private synchronized void close(String name, long uid) {
        find(name, uid).close();
        sessions.remove(name);
    }

    /** Removes what nobody has used for so long. */
    synchronized void tidy(long seconds) {
        long now = System.nanoTime();
        sessions.values().removeIf(owned -> {
            boolean idle = now - owned.session().idleSince() > TimeUnit.SECONDS.toNanos(seconds);
            if (idle) {
                owned.session().close();
            }
            return idle || owned.session().isClosed() && !owned.session().isRunning();
        });
    }

    /** Ends all. */
    @Deactivate
    synchronized void stop() {
        timer.shutdownNow();
        sessions.values().forEach(owned -> owned.session().close());
        sessions.clear();
    }
}
