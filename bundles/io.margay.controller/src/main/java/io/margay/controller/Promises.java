// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.ConfObject;
import io.margay.control.CertificateProvider;
import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.LongPredicate;

/**
 * Certificates that extensions get: a configuration may name them, and something serves until they are there. On the
 * loop's thread but for the list of providers.
 */
final class Promises {
    private static final String WHO = "the server, until a certificate is there";

    private final Map<CertificateProvider, Long> providers;
    private final LongPredicate counting;
    private final UploadResource certificates;
    private final ErrorLog log;

    /**
     * Nobody is asked yet.
     *
     * @param providers and their bundles, which other threads may change
     * @param counting tells of a bundle whether it counts
     */
    Promises(Map<CertificateProvider, Long> providers, LongPredicate counting, UploadResource certificates,
            ErrorLog log) {
        this.providers = providers;
        this.counting = counting;
        this.certificates = certificates;
        this.log = log;
    }

    /** The names that a configuration may use although nothing is stored under them. */
    Set<String> names(ConfObject root) {
        Set<String> names = new TreeSet<>();
        each((provider, counts) -> names.addAll(counts ? provider.names(root) : Set.of()));
        return names;
    }

    /** Whether one of those who get certificates needs a stored one. */
    boolean uses(ConfObject root, String name) {
        AtomicBoolean used = new AtomicBoolean();
        each((provider, counts) -> used.compareAndSet(false, counts && provider.uses(root, name)));
        return used.get();
    }

    /** What a fault of an extension costs is its own part only. */
    private void each(BiConsumer<CertificateProvider, Boolean> action) {
        providers.forEach((provider, bundle) -> {
            try {
                action.accept(provider, counting.test(bundle));
            } catch (RuntimeException | LinkageError e) {
                log.alert("certificates of " + provider.getClass().getName() + " cannot be had: " + e);
            }
        });
    }

    /**
     * Stores something under each name that a configuration needs and that has nothing.
     *
     * @return the names that have something now, to be taken back if the configuration does not come into force; fails
     *     when one cannot be stored, and then nothing is left
     */
    CompletionStage<List<String>> keep(ConfObject root) {
        Map<String, byte[]> missing = new TreeMap<>();
        each((provider, counts) -> (counts ? provider.names(root) : Set.<String>of()).stream()
            .filter(name -> !certificates.has(name))
            .forEach(name -> missing.computeIfAbsent(name, each -> provider.placeholder(root, each))));
        List<String> kept = new ArrayList<>();
        CompletionStage<List<String>> all = CompletableFuture.completedFuture(kept);
        for (Map.Entry<String, byte[]> each : missing.entrySet()) {
            all = all.thenCompose(before -> certificates.place(each.getKey(), each.getValue(), WHO)
                .thenApply(placed -> {
                    kept.add(each.getKey());
                    return kept;
                }));
        }
        return all.exceptionallyCompose(failure -> takeBack(kept).thenCompose(gone ->
            CompletableFuture.failedFuture(failure)));
    }

    /** The configuration that needed them is refused; completes when they are gone. */
    CompletionStage<Void> takeBack(List<String> kept) {
        return CompletableFuture.allOf(kept.stream().map(name ->
            certificates.displace(name).toCompletableFuture()).toArray(CompletableFuture<?>[]::new));
    }

    /** Another configuration is in force; nothing is for those who do not count. */
    void inForce(ConfObject root) {
        each((provider, counts) -> provider.inForce(counts ? root : ConfObject.EMPTY));
    }
}
