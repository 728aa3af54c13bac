// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** A store of contents in memory, which fails when a test says so. */
final class Shelf implements ContentStore {
    final Map<String, byte[]> files = new TreeMap<>();
    final List<String> deeds = new ArrayList<>();
    String fails = "";
    /** What every answer waits for. */
    CompletableFuture<Void> gate = CompletableFuture.completedFuture(null);

    private CompletionStage<Void> deed(String deed, ContentKind kind, String name, Runnable action) {
        String text = deed + " " + kind + " " + name;
        deeds.add(text);
        return gate.thenCompose(open -> {
            if (!fails.isEmpty() && text.startsWith(fails)) {
                return CompletableFuture.failedFuture(new IOException("disk full"));
            }
            action.run();
            return CompletableFuture.completedFuture(null);
        });
    }

    @Override
    public CompletionStage<Void> store(ContentKind kind, String name, byte[] content) {
        return deed("store", kind, name, () -> files.put(name, content));
    }

    @Override
    public CompletionStage<byte[]> load(ContentKind kind, String name) {
        return deed("load", kind, name, () -> { }).thenApply(done -> files.get(name));
    }

    @Override
    public CompletionStage<Void> delete(ContentKind kind, String name) {
        return deed("delete", kind, name, () -> files.remove(name));
    }

    @Override
    public CompletionStage<Void> refresh(ContentKind kind, String name) {
        return deed("refresh", kind, name, () -> { });
    }
}
