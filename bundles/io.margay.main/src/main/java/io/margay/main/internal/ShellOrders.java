// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.engine.EventLoop;
import io.margay.log.ErrorLog;
import io.margay.main.CommandShell;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.posix.Credentials;
import io.margay.posix.PosixException;
import io.margay.process.ProcessContext;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * Command lines that the controller sends for its clients. A shell in main can do whatever main can, so it is for root
 * and main's own account alone, whatever the control policy says. Its bundles come with the first order, on a thread
 * of their own; nothing of it runs on main's loop, on which the methods here are called.
 */
final class ShellOrders {
    /** The feature that brings the shell. */
    static final String FEATURE = "shell";

    private static final String NAME = "shell_order_handler";
    private static final int MAX_ORDER = 8 << 20;

    private final EventLoop loop;
    private final int self;
    private final ProcessContext context;
    private final BundleContext bundles;
    private final String version;
    private final ErrorLog journal;
    /** Fails when the shell could not be started; the next order tries again. */
    private Optional<CompletableFuture<CommandShell>> shell = Optional.empty();

    ShellOrders(EventLoop loop, int self, ProcessContext context, BundleContext bundles, String version,
            ErrorLog journal) {
        this.loop = loop;
        this.self = self;
        this.context = context;
        this.bundles = bundles;
        this.version = version;
        this.journal = journal;
    }

    /** Answers when it is done; the asking process may be gone by then. */
    void order(Message message, Peer controller) {
        ConfObject order;
        try {
            order = ConfParser.parse(LargePayload.receive(message, NAME, MAX_ORDER)) instanceof ConfObject object
                ? object : ConfObject.EMPTY;
        } catch (ConfSyntaxException e) {
            throw new PayloadException(NAME + ": " + e.detail());
        }
        int stream = message.stream();
        obey(order, Credentials.effectiveUid()).whenComplete((value, failure) -> loop.execute(() ->
            answer(controller, stream, failure == null ? ConfObject.builder().put("value", value).build()
                : reason(failure))));
    }

    /** {@return the answer; fails with {@link CommandShell.Refused} for all but root and that account} */
    CompletionStage<ConfObject> obey(ConfObject order, int account) {
        long uid = order.integer("uid", -1);
        if (uid != 0 && uid != Integer.toUnsignedLong(account)) {
            return CompletableFuture.failedFuture(new CommandShell.Refused(403,
                "The shell is for root and the account of the main process only."));
        }
        CommandShell.Server server = new CommandShell.Server(absolute(context.options().control()),
            Path.of(context.options().log()).toAbsolutePath(), version);
        return shell().thenCompose(service -> service.order(server, order));
    }

    private static String absolute(String control) {
        return control.startsWith("unix:") && !control.startsWith("unix:@")
            ? "unix:" + Path.of(control.substring("unix:".length())).toAbsolutePath() : control;
    }

    private CompletableFuture<CommandShell> shell() {
        if (shell.filter(one -> !one.isCompletedExceptionally()).isEmpty()) {
            CompletableFuture<CommandShell> next = new CompletableFuture<>();
            shell = Optional.of(next);
            Thread.ofPlatform().daemon().name("shell start").start(() -> start(next));
        }
        return shell.get();
    }

    private void start(CompletableFuture<CommandShell> next) {
        try {
            context.demand(FEATURE);
            ServiceReference<CommandShell> reference = bundles.getServiceReference(CommandShell.class);
            CommandShell service = reference == null ? null : bundles.getService(reference);
            if (service == null) {
                next.completeExceptionally(new CommandShell.Refused(503, "No installed bundle offers a shell."));
            } else {
                next.complete(service);
            }
        } catch (Exception | LinkageError e) {
            journal.alert("the shell could not be started: " + e.getMessage());
            next.completeExceptionally(new CommandShell.Refused(503, "The shell could not be started: "
                + e.getMessage()));
        }
    }

    private ConfObject reason(Throwable failure) {
        Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause()
            : failure;
        if (cause instanceof CommandShell.Refused refused) {
            return ConfObject.builder().put("status", refused.status()).put("error", refused.getMessage()).build();
        }
        journal.alert("the shell failed: " + cause);
        return ConfObject.builder().put("status", 500).put("error", String.valueOf(cause)).build();
    }

    private void answer(Peer controller, int stream, ConfObject answer) {
        try {
            LargePayload.send(controller, Header.last(MessageType.RPC_READY, stream, self), FEATURE,
                ConfWriter.compact(answer));
        } catch (PosixException e) {
            controller.send(Header.last(MessageType.RPC_ERROR, stream, self));
        }
    }
}
