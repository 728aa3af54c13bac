// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.certificate.TrustBundle;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManagerFactory;

/**
 * Who is trusted instead of the authorities of the Java runtime.
 *
 * @param name of the stored bundle
 * @param bundle what is stored; it is being fetched
 */
record Authorities(String name, CompletionStage<TrustBundle> bundle) {
    private static final int SECONDS = 5;

    /** Makes connections that trust these alone. Waits for the bundle, not for long. */
    SSLSocketFactory sockets() throws IOException {
        try {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            TrustBundle trusted = bundle.toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
            if (!trusted.revocations().isEmpty()) {
                throw new IOException("certificate \"" + name
                    + "\" has revocation lists, which are not looked at here");
            }
            for (int i = 0; i < trusted.authorities().size(); i++) {
                store.setCertificateEntry(Integer.toString(i), trusted.authorities().get(i));
            }
            TrustManagerFactory managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(store);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(null, managers.getTrustManagers(), null);
            return context.getSocketFactory();
        } catch (ExecutionException e) {
            throw new IOException(e.getCause().getMessage(), e);
        } catch (TimeoutException | GeneralSecurityException e) {
            throw new IOException("certificate \"" + name + "\" cannot be used: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
