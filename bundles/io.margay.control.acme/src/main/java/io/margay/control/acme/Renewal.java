// SPDX-License-Identifier: Apache-2.0
package io.margay.control.acme;

import io.margay.certificate.BundleException;
import io.margay.certificate.CertificateBundle;
import io.margay.certificate.CertificateNames;
import io.margay.certificate.CertificateReader;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.control.CertificateStore;
import io.margay.control.ControlReply;
import io.margay.control.ProcessQueries;
import io.margay.log.ErrorLog;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.DoubleSupplier;
import java.util.stream.Collectors;

/** Sees that there is a good certificate under one name. On the loop's thread, but for the order itself. */
final class Renewal {
    /** Clocks are set and machines sleep: the time is looked at again and again. */
    private static final long LONGEST_MILLIS = Duration.ofHours(1).toMillis();
    private static final String DIRECTORY = "ACME directory: ";
    private static final String WHO = "acme";
    private static final int OK = 200;

    /** What is between two orders. */
    private enum State { WAITING, ORDERING, VALID, FAILED }

    /** Gets a certificate, on a thread that may wait. */
    @FunctionalInterface
    interface Orders {
        /**
         * Orders one.
         *
         * @param old what it is to take the place of
         * @return the key and the chain, in PEM
         */
        String run(AcmeOptions options, Optional<X509Certificate> old) throws OrderException, InterruptedException;

        /** When the authority wants a certificate to be renewed; empty if it does not say. */
        default Optional<RenewalWindow> window(AcmeOptions options, X509Certificate leaf)
                throws OrderException, InterruptedException {
            return Optional.empty();
        }
    }

    /**
     * What all of them have.
     *
     * @param worker has one thread
     * @param random from 0 to 1
     */
    record Parts(ProcessQueries processes, CertificateStore store, CertificateReader reader, Executor worker,
                 Orders orders, ErrorLog log, Clock clock, DoubleSupplier random) {
    }

    private final String name;
    private final AcmeOptions options;
    private final Parts parts;
    private State state = State.WAITING;
    private Runnable timer = () -> { };
    private Optional<Instant> next = Optional.empty();
    private Optional<Instant> until = Optional.empty();
    private Optional<X509Certificate> current = Optional.empty();
    private Optional<byte[]> stored = Optional.empty();
    private Optional<RenewalWindow> window = Optional.empty();
    private Instant look = Instant.MAX;
    private Optional<ConfObject> error = Optional.empty();
    private int failures;
    private boolean stopped;

    Renewal(String name, AcmeOptions options, Parts parts) {
        this.name = name;
        this.options = options;
        this.parts = parts;
    }

    AcmeOptions options() {
        return options;
    }

    /** How many of some domains the certificate is for that is in service. */
    long common(List<String> domains) {
        return stored.isEmpty() ? 0 : options.domains().stream().filter(domains::contains).count();
    }

    /** The certificate that is in service, with its key; empty when there is none of the authority. */
    Optional<byte[]> pem() {
        return stored;
    }

    /** Looks whether what is stored is good. */
    void start() {
        if (!parts.store().has(name)) {
            order();
            return;
        }
        parts.store().load(name).whenComplete((pem, failure) -> {
            if (!stopped) {
                Optional<X509Certificate> good = failure == null ? suitable(pem) : Optional.empty();
                good.ifPresentOrElse(leaf -> valid(leaf, pem), this::order);
            }
        });
    }

    /** The certificate, if it is one of the authority for these domains and of this kind. */
    private Optional<X509Certificate> suitable(byte[] pem) {
        String head = new String(pem, 0, Math.min(pem.length, 1 << 12), StandardCharsets.ISO_8859_1);
        if (!head.startsWith(DIRECTORY + options.directory() + '\n')) {
            return Optional.empty();
        }
        try {
            CertificateBundle bundle = parts.reader().read(pem);
            boolean rsa = bundle.key().getAlgorithm().equals("RSA");
            return rsa == options.rsa() && isFor(bundle.leaf()) ? Optional.of(bundle.leaf()) : Optional.empty();
        } catch (BundleException e) {
            // Whoever has put it there: it cannot serve.
            return Optional.empty();
        }
    }

    private boolean isFor(X509Certificate leaf) {
        return new HashSet<>(CertificateNames.serverNames(leaf).stream().map(each -> each.toLowerCase(Locale.ROOT))
            .toList()).containsAll(options.domains());
    }

    private void valid(X509Certificate leaf, byte[] pem) {
        Instant now = parts.clock().instant();
        state = State.VALID;
        stored = Optional.of(pem);
        until = Optional.of(leaf.getNotAfter().toInstant());
        current = Optional.of(leaf);
        window = Optional.empty();
        await(Timing.renewal(leaf.getNotBefore().toInstant(), until.get(), now, parts.random()));
        look(leaf);
    }

    /** Asks the authority when it wants the certificate to be renewed. */
    private void look(X509Certificate leaf) {
        look = Instant.MAX;
        try {
            parts.worker().execute(() -> ask(leaf));
        } catch (RejectedExecutionException e) {
            // The bundle is on its way out; what takes its place asks.
            look = Instant.MAX;
        }
    }

    /** On the worker. What cannot be had changes nothing: there is a time already. */
    private void ask(X509Certificate leaf) {
        Optional<RenewalWindow> told = Optional.empty();
        try {
            told = parts.orders().window(options, leaf);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return;
        } catch (OrderException | RuntimeException | LinkageError e) {
            parts.log().info("it cannot be known when " + options.directory().getHost() + " wants certificate \"" + name
                + "\" to be renewed: " + OrderException.shown(String.valueOf(e.getMessage())));
        }
        Optional<RenewalWindow> answer = told;
        tell(() -> suggested(leaf, answer));
    }

    private void suggested(X509Certificate leaf, Optional<RenewalWindow> told) {
        if (stopped || state != State.VALID || current.filter(now -> now == leaf).isEmpty()) {
            return;
        }
        Instant now = parts.clock().instant();
        look = Timing.look(told.map(RenewalWindow::look).orElse(Instant.MAX), now);
        if (told.isPresent() && !window.filter(before -> before.start().equals(told.get().start())
                && before.end().equals(told.get().end())).isPresent()) {
            window = told;
            await(Timing.within(told.get(), now, parts.random()));
        }
    }

    private void await(Instant due) {
        timer.run();
        next = Optional.of(due);
        long left = Duration.between(parts.clock().instant(), due).toMillis();
        timer = parts.processes().after(Math.max(1, Math.min(left, LONGEST_MILLIS)), () -> {
            if (stopped) {
                return;
            }
            if (parts.clock().instant().isBefore(due)) {
                await(due);
                if (!parts.clock().instant().isBefore(look)) {
                    current.ifPresent(this::look);
                }
            } else {
                order();
            }
        });
    }

    /** Tries now, whatever was before; nothing if it is at it. */
    void order() {
        if (state == State.ORDERING || stopped) {
            return;
        }
        timer.run();
        next = Optional.empty();
        look = Instant.MAX;
        state = State.ORDERING;
        try {
            Optional<X509Certificate> old = current;
            parts.worker().execute(() -> work(old));
        } catch (RejectedExecutionException e) {
            // The bundle is on its way out; what takes its place begins anew.
            state = State.WAITING;
        }
    }

    /** From the worker. */
    private void tell(Runnable news) {
        try {
            parts.processes().loop().execute(news);
        } catch (RejectedExecutionException e) {
            // The process has ended meanwhile, and with it whoever could be told.
            return;
        }
    }

    /** On the worker. */
    private void work(Optional<X509Certificate> old) {
        try {
            String pem = parts.orders().run(options, old);
            tell(() -> store(pem));
        } catch (OrderException e) {
            tell(() -> failed(e.getMessage(), e.retryAfter()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | LinkageError e) {
            tell(() -> failed(e.toString(), Duration.ZERO));
        }
    }

    private void store(String pem) {
        byte[] named = (DIRECTORY + options.directory() + '\n' + pem).getBytes(StandardCharsets.ISO_8859_1);
        if (stopped) {
            return;
        }
        Optional<X509Certificate> leaf = suitable(named);
        if (leaf.isEmpty() || leaf.get().getNotAfter().toInstant().isBefore(parts.clock().instant())) {
            failed("the authority's certificate is not the one that was asked for", Duration.ZERO);
            return;
        }
        parts.store().store(name, named, WHO).whenComplete((reply, failure) -> {
            if (failure != null || reply.status() != OK) {
                failed("the certificate cannot be stored: " + (failure != null ? failure.getMessage()
                    : text(reply)), Duration.ZERO);
                return;
            }
            failures = 0;
            error = Optional.empty();
            if (!stopped) {
                valid(leaf.get(), named);
                parts.log().notice("certificate \"" + name + "\" is there, from " + options.directory().getHost()
                    + ", valid until " + until.get() + "; it is renewed at " + next.get());
            }
        });
    }

    private static String text(ControlReply reply) {
        return OrderException.shown(new String(reply.body(), StandardCharsets.UTF_8));
    }

    private void failed(String reason, Duration asked) {
        if (stopped) {
            return;
        }
        Instant now = parts.clock().instant();
        failures++;
        state = State.FAILED;
        error = Optional.of(ConfObject.builder().put("text", reason).put("time", now.toString()).build());
        await(now.plus(Timing.pause(failures, asked, parts.random())));
        parts.log().error("certificate \"" + name + "\" cannot be had from " + options.directory().getHost() + ": "
            + reason + "; the next try is at " + next.get());
    }

    /** It is not wanted any more, or in another way. */
    void stop() {
        stopped = true;
        timer.run();
    }

    /** For people. */
    ConfObject report() {
        ConfObject.Builder told = ConfObject.builder().put("state", state.name().toLowerCase(Locale.ROOT))
            .put("domains", new ConfArray(options.domains().stream().map(Conf::of).collect(Collectors.toList())))
            .put("directory", options.directory().toString()).put("failures", failures);
        until.ifPresent(time -> told.put("valid_until", time.toString()));
        next.ifPresent(time -> told.put("next_try", time.toString()));
        error.ifPresent(last -> told.put("last_error", last));
        return told.build();
    }
}
