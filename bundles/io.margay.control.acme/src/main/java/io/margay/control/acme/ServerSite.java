// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.certificate.BundleException;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateReader;
import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.CertificateStore;
import io.margay.control.ControlReply;
import io.margay.control.ProcessQueries;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * What orders need of this server: keys of accounts are kept as bundles of certificates are, with a certificate that
 * says what they are for; the router is told the answers. Every call waits for the loop.
 */
final class ServerSite implements AcmeOrder.Site {
    private static final long PATIENCE_SECONDS = 90;
    private static final int OK = 200;
    private static final int P256 = 256;

    private final ProcessQueries processes;
    private final CertificateStore store;
    private final CertificateReader reader;

    ServerSite(ProcessQueries processes, CertificateStore store, CertificateReader reader) {
        this.processes = processes;
        this.store = store;
        this.reader = reader;
    }

    @Override
    public KeyPair account(AcmeOptions options) throws OrderException, InterruptedException {
        String name = options.account();
        Optional<byte[]> stored = await("the key of the account", () -> load(name));
        if (stored.isPresent()) {
            try {
                CertificateBundle bundle = reader.read(stored.get());
                if (bundle.leaf().getPublicKey() instanceof ECPublicKey key
                        && key.getParams().getOrder().bitLength() == P256) {
                    return new KeyPair(key, bundle.key());
                }
            } catch (BundleException e) {
                throw new OrderException("the key of the account, \"" + name + "\", cannot be read: " + e.getMessage(),
                    e);
            }
            throw new OrderException("the key of the account, \"" + name + "\", is none of P-256");
        }
        KeyPair keys = CertificateWriter.keys(false);
        byte[] pem = CertificateWriter.selfSigned(keys, "ACME account at " + host(options), List.of())
            .getBytes(StandardCharsets.US_ASCII);
        ControlReply reply = await("the key of the account", () -> store.store(name, pem, "acme"));
        if (reply.status() != OK) {
            throw new OrderException("the key of the account cannot be stored: "
                + OrderException.shown(new String(reply.body(), StandardCharsets.UTF_8)));
        }
        return keys;
    }

    private CompletionStage<Optional<byte[]>> load(String name) {
        return store.has(name) ? store.load(name).thenApply(Optional::of)
            : CompletableFuture.completedFuture(Optional.empty());
    }

    /** A common name has 64 characters at most. */
    private static String host(AcmeOptions options) {
        String host = options.directory().getHost();
        return host.length() <= 40 ? host : host.substring(0, 40);
    }

    @Override
    public Optional<SSLContext> trust(AcmeOptions options) throws OrderException, InterruptedException {
        if (options.authorities().isEmpty()) {
            return Optional.empty();
        }
        String name = options.authorities().get();
        byte[] pem = await("\"" + name + "\"", () -> store.load(name));
        try {
            KeyStore trusted = KeyStore.getInstance("PKCS12");
            trusted.load(null, null);
            for (X509Certificate authority : reader.readTrust(pem).authorities()) {
                trusted.setCertificateEntry(Integer.toString(trusted.size()), authority);
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return Optional.of(context);
        } catch (BundleException | GeneralSecurityException | IOException e) {
            throw new OrderException("\"" + name + "\" cannot be trusted by: " + e.getMessage(), e);
        }
    }

    @Override
    public void publish(AcmeOrder.Proof proof, String answer) throws OrderException, InterruptedException {
        tell(question(proof).put("answer", answer).build());
    }

    @Override
    public void withdraw(AcmeOrder.Proof proof) throws OrderException, InterruptedException {
        tell(question(proof).build());
    }

    private static ConfObject.Builder question(AcmeOrder.Proof proof) {
        return ConfObject.builder().put(proof.tls() ? "domain" : "token", proof.name());
    }

    @Override
    public void pause(Duration time) throws OrderException, InterruptedException {
        await("time", () -> {
            CompletableFuture<Boolean> over = new CompletableFuture<>();
            processes.after(time.toMillis(), () -> over.complete(true));
            return over;
        }, time.toSeconds() + PATIENCE_SECONDS);
    }

    private void tell(ConfObject question) throws OrderException, InterruptedException {
        Conf told = await("the router", () -> processes.ask("router", "acme",
            new String(ConfWriter.compact(question), StandardCharsets.UTF_8)));
        if (told instanceof ConfObject object && object.string("error").isPresent()) {
            throw new OrderException("the router does not take the proof: " + object.string("error").get());
        }
    }

    private <T> T await(String what, Supplier<CompletionStage<T>> question)
            throws OrderException, InterruptedException {
        return await(what, question, PATIENCE_SECONDS);
    }

    private <T> T await(String what, Supplier<CompletionStage<T>> question, long seconds)
            throws OrderException, InterruptedException {
        CompletableFuture<T> answer = new CompletableFuture<>();
        processes.loop().execute(() -> {
            try {
                question.get().whenComplete((value, failure) -> {
                    if (failure == null) {
                        answer.complete(value);
                    } else {
                        answer.completeExceptionally(failure);
                    }
                });
            } catch (RuntimeException e) {
                answer.completeExceptionally(e);
            }
        });
        try {
            return answer.get(seconds, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new OrderException(what + " cannot be had: " + (e.getCause() == null ? "there is no answer"
                : e.getCause().getMessage()), e);
        }
    }
}
