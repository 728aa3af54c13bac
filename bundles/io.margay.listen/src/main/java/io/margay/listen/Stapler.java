// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.certificate.BundleException;
import io.margay.certificate.Ocsp;
import io.margay.log.ErrorLog;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;

/**
 * Keeps what the authority says of one certificate, and asks again in time (RFC 6960, RFC 6066 §8). Only an answer that
 * is signed, of now and good is handed to clients; without one they get none. Asks on the thread of the executor.
 */
final class Stapler implements Runnable {
    private static final Duration SHORTEST = Duration.ofMinutes(1);
    private static final Duration LONGEST = Duration.ofHours(12);
    private static final Duration MOST_RETRY = Duration.ofHours(1);
    /** How long an answer without an end is good, and how wrong clocks may be. */
    private static final Duration OPEN_END = Duration.ofHours(1);
    private static final Duration SKEW = Duration.ofMinutes(5);

    private record Staple(byte[] answer, long untilMillis) {
    }

    private final String name;
    private final X509Certificate leaf;
    private final X509Certificate issuer;
    private final String source;
    private final ErrorLog log;
    private volatile Staple staple = new Staple(new byte[0], Long.MIN_VALUE);
    private ScheduledExecutorService executor;
    private Optional<ScheduledFuture<?>> next = Optional.empty();
    private boolean stopped;
    private String complaint = "";
    private Duration retry = SHORTEST;

    Stapler(String name, X509Certificate leaf, X509Certificate issuer, String source, ErrorLog log) {
        this.name = name;
        this.leaf = leaf;
        this.issuer = issuer;
        this.source = source;
        this.log = log;
    }

    /** What to hand to a client now; not to be changed. */
    Optional<byte[]> current() {
        Staple now = staple;
        return System.currentTimeMillis() < now.untilMillis() ? Optional.of(now.answer()) : Optional.empty();
    }

    synchronized void start(ScheduledExecutorService thread) {
        executor = thread;
        schedule(Duration.ZERO);
    }

    private synchronized void schedule(Duration wait) {
        if (stopped) {
            return;
        }
        try {
            next = Optional.of(executor.schedule(this, wait.toMillis(), TimeUnit.MILLISECONDS));
        } catch (RejectedExecutionException e) {
            // Its last user has gone meanwhile.
            stopped = true;
        }
    }

    synchronized void stop() {
        stopped = true;
        next.ifPresent(task -> task.cancel(false));
    }

    @Override
    public void run() {
        Duration wait;
        try {
            wait = take(source.startsWith("/") ? OcspSource.file(source)
                : OcspSource.post(source, Ocsp.request(leaf, issuer)));
            if (!complaint.isEmpty()) {
                log.info("the OCSP answer for certificate \"" + name + "\" is there again");
            }
            complaint = "";
            retry = SHORTEST;
        } catch (IOException | BundleException | RuntimeException e) {
            String reason = String.valueOf(e.getMessage());
            if (!reason.equals(complaint)) {
                // Once, not with each attempt.
                log.warn("no OCSP answer for certificate \"" + name + "\" from \"" + source + "\": " + reason);
                complaint = reason;
            }
            wait = retry;
            retry = min(retry.multipliedBy(2), MOST_RETRY);
        }
        schedule(wait);
    }

    /** Takes an answer; returns when to ask again. */
    private Duration take(byte[] answer) throws IOException, BundleException {
        Ocsp said = Ocsp.read(answer, leaf, issuer);
        Instant now = Instant.now();
        Instant until = said.until().orElse(now.plus(OPEN_END));
        if (said.status() != Ocsp.Status.GOOD) {
            staple = new Staple(new byte[0], Long.MIN_VALUE);
            throw new IOException("the certificate is " + (said.status() == Ocsp.Status.REVOKED ? "revoked"
                : "unknown to the responder"));
        }
        if (said.since().isAfter(now.plus(SKEW)) || !until.isAfter(now)) {
            throw new IOException("the answer is of " + said.since() + " until " + until);
        }
        staple = new Staple(answer, until.toEpochMilli());
        Duration half = Duration.between(now, until).dividedBy(2);
        return half.compareTo(SHORTEST) < 0 ? SHORTEST : min(half, LONGEST);
    }

    private static Duration min(Duration one, Duration other) {
        return one.compareTo(other) < 0 ? one : other;
    }
}
