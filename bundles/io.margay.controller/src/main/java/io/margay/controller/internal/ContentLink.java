// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.controller.ContentKind;
import io.margay.controller.ContentStore;
import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.RpcFailure;
import io.margay.posix.Files;
import io.margay.process.CoreChild;
import io.margay.store.StateFiles;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/** The controller's requests to main, which keeps uploaded contents. On the controller's loop. */
final class ContentLink implements ContentStore {

    private static final long ANSWER_MILLIS = 60_000;

    private final CoreChild child;
    private final RouterLink router;

    ContentLink(CoreChild child, RouterLink router) {
        this.child = child;
        this.router = router;
    }

    private static int get(ContentKind kind) {
        return kind == ContentKind.CERTIFICATE ? MessageType.CERT_GET : MessageType.SCRIPT_GET;
    }

    @Override
    public CompletionStage<Void> store(ContentKind kind, String name, byte[] content) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        request(result, answer -> result.complete(null), stream -> child.main().send(
            Header.last(kind == ContentKind.CERTIFICATE ? MessageType.CERT_STORE : MessageType.SCRIPT_STORE, stream,
                child.self()), new ContentRequest(name, content.length).encode(),
            Files.sealedMemory("content", content)));
        return result;
    }

    @Override
    public CompletionStage<byte[]> load(ContentKind kind, String name) {
        CompletableFuture<byte[]> result = new CompletableFuture<>();
        request(result, answer -> {
            try {
                result.complete(LargePayload.receive(answer, "content", StateFiles.MAX_FILE));
            } catch (PayloadException e) {
                result.completeExceptionally(e);
            }
        }, stream -> send(get(kind), stream, name));
        return result;
    }

    @Override
    public CompletionStage<Void> delete(ContentKind kind, String name) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        request(result, answer -> result.complete(null), stream -> send(kind == ContentKind.CERTIFICATE
            ? MessageType.CERT_DELETE : MessageType.SCRIPT_DELETE, stream, name));
        return result;
    }

    @Override
    public CompletionStage<Void> refresh(ContentKind kind, String name) {
        if (kind != ContentKind.CERTIFICATE) {
            throw new IllegalArgumentException("only certificates are taken from the store again");
        }
        return router.refresh(name);
    }

    private void send(int type, int stream, String name) {
        child.main().send(Header.last(type, stream, child.self()), ContentRequest.of(name).encode());
    }

    private void request(CompletableFuture<?> result, Consumer<Message> ready, IntConsumer sender) {
        int stream = child.rpc().register(ready, failure -> result.completeExceptionally(
            new IllegalStateException(reason(failure))), ANSWER_MILLIS, child.mainPid());
        try {
            sender.accept(stream);
        } catch (RuntimeException e) {
            child.rpc().forget(stream);
            throw e;
        }
    }

    private static String reason(RpcFailure failure) {
        return failure.message().isPresent() ? failure.text() : "main did not answer";
    }
}
