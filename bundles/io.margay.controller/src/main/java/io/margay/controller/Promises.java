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
import java.util.function.Consumer;

/**
 * Certificates that extensions get: a configuration may name them, and something serves until they are there. On the
 * loop's thread but for the list of providers.
 */
final class Promises {
    private static final String WHO = "the server, until a certificate is there";

    private final List<CertificateProvider> providers;
    private final UploadResource certificates;
    private final ErrorLog log;

    /**
     * Nobody is asked yet.
     *
     * @param providers a list that other threads may change
     */
    Promises(List<CertificateProvider> providers, UploadResource certificates, ErrorLog log) {
        this.providers = providers;
        this.certificates = certificates;
        this.log = log;
    }

    /** The names that a configuration may use although nothing is stored under them. */
    Set<String> names(ConfObject root) {
        Set<String> names = new TreeSet<>();
        each(provider -> names.addAll(provider.names(root)));
        return names;
    }

    /** What a fault of an extension costs is its own part only. */
    private void each(Consumer<CertificateProvider> action) {
        for (CertificateProvider provider : providers) {
            try {
                action.accept(provider);
            } catch (RuntimeException | LinkageError e) {
                log.alert("certificates of " + provider.getClass().getName() + " cannot be had: " + e);
            }
        }
    }

    /**
     * Stores something under each name that a configuration needs and that has nothing.
     *
     * @return the names that have something now, to be taken back if the configuration does not come into force; fails
     *     when one cannot be stored, and then nothing is left
     */
    CompletionStage<List<String>> keep(ConfObject root) {
        Map<String, byte[]> missing = new TreeMap<>();
        each(provider -> provider.names(root).stream().filter(name -> !certificates.has(name))
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

    /** Another configuration is in force. */
    void inForce(ConfObject root) {
        each(provider -> provider.inForce(root));
    }
}
