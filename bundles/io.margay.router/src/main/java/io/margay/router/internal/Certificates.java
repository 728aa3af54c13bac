// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.certificate.BundleException;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateReader;
import io.margay.certificate.CertificateSource;
import io.margay.certificate.TrustBundle;
import io.margay.conf.ConfPointer;
import io.margay.listen.HandshakeAnswers;
import io.margay.listen.TlsException;
import io.margay.listen.TlsFactory;
import io.margay.listen.TlsMaterial;
import io.margay.listen.TlsOptions;
import io.margay.listen.TlsService;
import io.margay.log.ErrorLog;
import io.margay.port.ContentRequest;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.RpcFailure;
import io.margay.process.CoreChild;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * Certificates, which main keeps ({@code spec/processes.md §14}), and what listeners make of them. On the control loop.
 */
final class Certificates implements CertificateSource {

    private static final long ANSWER_MILLIS = 60_000;

    private final CoreChild child;
    private final CertificateReader reader;
    private final TlsFactory factory;
    private final ErrorLog log;

    Certificates(CoreChild child, CertificateReader reader, HandshakeAnswers answers, ErrorLog log) {
        this.child = child;
        this.reader = reader;
        this.factory = new TlsFactory(log, answers);
        this.log = log;
    }

    /**
     * Makes the TLS of listeners from what is stored now.
     *
     * @param wanted options by address
     * @param present what some of them have; it is kept where nothing has changed
     * @param offered by address, what clients may choose to speak, the best first
     * @return by address, complete; the failure's message names the certificate or option, and nothing new is left
     */
    CompletionStage<Map<String, TlsService>> services(Map<String, TlsOptions> wanted,
        Map<String, TlsService> present, Function<String, List<String>> offered) {
        Map<String, CompletableFuture<CertificateBundle>> bundles = new LinkedHashMap<>();
        Map<String, CompletableFuture<TrustBundle>> trusted = new LinkedHashMap<>();
        wanted.values().forEach(options -> {
            options.certificates().forEach(name -> bundles.computeIfAbsent(name, this::load));
            options.client().ifPresent(client ->
                client.authorities().forEach(name -> trusted.computeIfAbsent(name, this::trust)));
        });
        // Each failure is told with the listener that it concerns.
        CompletableFuture<?>[] all = Stream.of(bundles, trusted).flatMap(each -> each.values().stream())
            .toArray(CompletableFuture<?>[]::new);
        return CompletableFuture.allOf(all).handle((loaded, failure) -> {
            Map<String, TlsService> made = new HashMap<>();
            List<TlsService> fresh = new ArrayList<>();
            wanted.forEach((address, options) -> {
                try {
                    List<CertificateBundle> chosen = options.certificates().stream()
                        .map(name -> bundles.get(name).join()).toList();
                    List<TrustBundle> authorities = options.client().stream()
                        .flatMap(client -> client.authorities().stream()).map(name -> trusted.get(name).join())
                        .toList();
                    TlsService service = present.get(address);
                    TlsMaterial material = new TlsMaterial(chosen, authorities, offered.apply(address));
                    if (service == null || !service.isMadeOf(options, material)) {
                        service = factory.create(options, material);
                        fresh.add(service);
                    }
                    made.put(address, service);
                } catch (RuntimeException | LinkageError e) {
                    fresh.forEach(TlsService::retire);
                    throw refused(address, e);
                }
            });
            return made;
        });
    }

    /**
     * Who wrote a bad value is told where; else the listener is to blame, and with it whatever it stands on. What the
     * library does not obey has a line of its own in the log ({@code spec/configuration.md §15}).
     */
    private ApplyException refused(String address, Throwable failure) {
        if (failure instanceof TlsException e) {
            if (e.place().isPresent()) {
                return new ApplyException(ApplyException.Part.OPTION, ConfPointer.ROOT.child("listeners")
                    .child(address).child("tls") + e.place().get().toString(), e.getMessage());
            }
            log.error(e.getMessage());
        }
        return new ApplyException(ApplyException.Part.LISTENER, address, Apply.reason(failure));
    }

    @Override
    public CompletableFuture<CertificateBundle> load(String name) {
        return fetch(name, reader::read);
    }

    @Override
    public CompletableFuture<TrustBundle> trust(String name) {
        return fetch(name, reader::readTrust);
    }

    /** Makes something of the content of a bundle. */
    @FunctionalInterface
    private interface Parser<T> {
        T parse(byte[] pem) throws BundleException;
    }

    private <T> CompletableFuture<T> fetch(String name, Parser<T> parser) {
        CompletableFuture<T> result = new CompletableFuture<>();
        int stream = child.rpc().register(answer -> parse(name, answer, parser, result), failure ->
            result.completeExceptionally(new ApplyException("certificate \"" + name + "\": " + reason(failure))),
            ANSWER_MILLIS, child.mainPid());
        child.main().send(Header.last(MessageType.CERT_GET, stream, child.self()), ContentRequest.of(name).encode());
        return result;
    }

    private static String reason(RpcFailure failure) {
        return failure.message().isPresent() ? failure.text() : "main did not answer";
    }

    private static <T> void parse(String name, Message answer, Parser<T> parser, CompletableFuture<T> result) {
        try {
            result.complete(parser.parse(LargePayload.receive(answer, "certificate",
                CertificateBundle.MAX_SIZE)));
        } catch (PayloadException | BundleException e) {
            result.completeExceptionally(new ApplyException("certificate \"" + name + "\": " + e.getMessage()));
        }
    }
}
