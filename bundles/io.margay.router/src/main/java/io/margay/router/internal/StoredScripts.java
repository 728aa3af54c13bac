// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.process.CoreChild;
import io.margay.script.ScriptSource;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;

/** Uploaded modules, which main keeps ({@code spec/processes.md §14}). On the control loop. */
final class StoredScripts implements ScriptSource {

    private static final long ANSWER_MILLIS = 10_000;
    /** What the controller takes for a module, and some more. */
    private static final int MAX_SIZE = 2 << 20;

    private final CoreChild child;

    private StoredScripts(CoreChild child) {
        this.child = child;
    }

    /** Registers the service. */
    static ServiceRegistration<?> offer(CoreChild child, BundleContext bundles) {
        return bundles.registerService(ScriptSource.class, new StoredScripts(child), null);
    }

    @Override
    public CompletionStage<byte[]> load(String name) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> read(answer, result), failure ->
            result.completeExceptionally(new ApplyException(failure.message().isPresent() ? failure.text()
                : "main did not answer")), ANSWER_MILLIS, child.mainPid());
        Peer.Sent sent = child.main().send(Header.last(MessageType.SCRIPT_GET, stream, child.self()),
            ContentRequest.of(name).encode());
        if (sent == Peer.Sent.DROPPED) {
            child.rpc().failStream(stream);
        }
        return result;
    }

    private static void read(Message answer, CompletableFuture<byte[]> result) {
        try {
            result.complete(LargePayload.receive(answer, "script", MAX_SIZE));
        } catch (PayloadException e) {
            result.completeExceptionally(new ApplyException(e.getMessage()));
        }
    }
}
