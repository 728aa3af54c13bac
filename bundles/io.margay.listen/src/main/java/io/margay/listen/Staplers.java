// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.CertificateBundle;
import io.margay.certificate.Ocsp;
import io.margay.conf.ConfPointer;
import io.margay.log.ErrorLog;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledThreadPoolExecutor;

/**
 * What certificates are stapled with. One certificate has one {@link Stapler}, however many listeners and
 * configurations use it, so that a change of the configuration loses no answer. All of them share a thread, which ends
 * when there are none. Any thread.
 */
final class Staplers {
    static final ConfPointer OPTION = ConfPointer.ROOT.child("stapling");
    private static final String HTTP = "http://";

    private record Key(X509Certificate leaf, X509Certificate issuer, String source) {
    }

    /** A stapler and how many use it. */
    private static final class Held {
        private final Stapler stapler;
        private int users;

        Held(Stapler stapler) {
            this.stapler = stapler;
        }
    }

    private final ErrorLog log;
    private final Map<Key, Held> held = new HashMap<>();
    private Optional<ScheduledThreadPoolExecutor> executor = Optional.empty();

    Staplers(ErrorLog log) {
        this.log = log;
    }

    /**
     * Begins to ask for the answers of a certificate, or goes on; each call needs a {@link #release}.
     *
     * @param name of the certificate, for messages
     * @param told {@code true}, where to ask, or the file that somebody else keeps
     * @throws TlsException when nobody can be asked
     */
    synchronized Stapler acquire(String name, CertificateBundle bundle, String told) {
        List<X509Certificate> chain = bundle.chain();
        X509Certificate leaf = bundle.leaf();
        X509Certificate issuer = chain.stream().skip(1)
            .filter(other -> other.getSubjectX500Principal().equals(leaf.getIssuerX500Principal())).findFirst()
            .orElseThrow(() -> new TlsException(OPTION, "\"stapling\" needs the issuer of certificate \"" + name
                + "\" in its bundle"));
        String source = told.equals("true") ? Ocsp.responder(leaf).orElseThrow(() -> new TlsException(
            OPTION, "\"stapling\" needs an address: certificate \"" + name + "\" names no OCSP responder")) : told;
        if (!source.startsWith(HTTP) && !source.startsWith("/")) {
            throw new TlsException(OPTION, "\"stapling\" must be true, a URL that begins with \"" + HTTP
                + "\" or the absolute path of a file, not \"" + source + "\"");
        }
        Held stapler = held.computeIfAbsent(new Key(leaf, issuer, source), key ->
            new Held(new Stapler(name, leaf, issuer, source, log)));
        if (stapler.users++ == 0) {
            stapler.stapler.start(executor());
        }
        return stapler.stapler;
    }

    private ScheduledThreadPoolExecutor executor() {
        if (executor.isEmpty()) {
            ScheduledThreadPoolExecutor made = new ScheduledThreadPoolExecutor(1, task -> {
                Thread thread = new Thread(task, "margay-ocsp");
                thread.setDaemon(true);
                return thread;
            });
            made.setRemoveOnCancelPolicy(true);
            executor = Optional.of(made);
        }
        return executor.get();
    }

    /** Ends what {@link #acquire} has begun. */
    synchronized void release(Stapler stapler) {
        held.values().removeIf(each -> {
            if (each.stapler != stapler || --each.users > 0) {
                return false;
            }
            stapler.stop();
            return true;
        });
        if (held.isEmpty()) {
            executor.ifPresent(ScheduledThreadPoolExecutor::shutdown);
            executor = Optional.empty();
        }
    }
}
