// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.log.LogOpener;
import io.margay.port.Header;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.RpcFailure;
import io.margay.posix.Fd;
import io.margay.process.CoreChild;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CopyOnWriteArrayList;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** Access logs, which main opens ({@code spec/processes.md §14}). On the control loop. */
final class AccessLogs implements LogOpener {

    private static final long ANSWER_MILLIS = 10_000;
    /** What the kernel takes. */
    private static final int MAX_PATH = 4095;

    private final CoreChild child;
    private final List<Runnable> actions = new CopyOnWriteArrayList<>();

    private AccessLogs(CoreChild child) {
        this.child = child;
    }

    /** Registers the service, and takes main's word that files are to be opened anew. */
    static ServiceRegistration<?> offer(CoreChild child, BundleContext bundles) {
        AccessLogs logs = new AccessLogs(child);
        child.dispatcher().on(MessageType.ACCESS_LOG, message -> logs.actions.forEach(Runnable::run));
        return bundles.registerService(LogOpener.class, logs, null);
    }

    @Override
    public CompletionStage<Fd> open(String path) {
        byte[] name = path.getBytes(StandardCharsets.UTF_8);
        if (name.length == 0 || name.length > MAX_PATH || path.indexOf('\0') >= 0) {
            return CompletableFuture.failedFuture(new ApplyException("\"" + path + "\" cannot be the name of a file"));
        }
        CompletableFuture<Fd> result = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> answer.take(0).ifPresentOrElse(result::complete,
            () -> result.completeExceptionally(new ApplyException("main sent no file for \"" + path + "\""))),
            failure -> result.completeExceptionally(new ApplyException(reason(path, failure))), ANSWER_MILLIS,
            child.mainPid());
        Peer.Sent sent = child.main().send(Header.last(MessageType.ACCESS_LOG, stream, child.self()), name);
        if (sent == Peer.Sent.DROPPED) {
            child.rpc().failStream(stream);
        }
        return result;
    }

    @Override
    public CompletionStage<Void> rotate(String path, long size, int keep) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        child.loop().execute(() -> {
            int stream = child.rpc().register(answer -> result.complete(null),
                failure -> result.completeExceptionally(new ApplyException(reason(path, failure))), ANSWER_MILLIS,
                child.mainPid());
            byte[] order = (path + '\0' + size + '\0' + keep).getBytes(StandardCharsets.UTF_8);
            if (child.main().send(Header.last(MessageType.ACCESS_LOG, stream, child.self()), order)
                    == Peer.Sent.DROPPED) {
                child.rpc().failStream(stream);
            }
        });
        return result;
    }

    private static String reason(String path, RpcFailure failure) {
        return failure.message().isPresent() ? failure.text()
            : "main did not answer for the access log \"" + path + "\": " + failure.kind();
    }

    @Override
    public AutoCloseable onReopen(Runnable action) {
        // Another object each time, so that each is taken away alone.
        Runnable own = action::run;
        actions.add(own);
        return () -> actions.remove(own);
    }
}
