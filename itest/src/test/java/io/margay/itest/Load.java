// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;

/**
 * Keep-alive clients that repeat one GET until they are stopped, and note each answer that is not a whole 200. They
 * pause for a moment, so that a server that starts and stops processes meanwhile has the time for it.
 */
final class Load implements AutoCloseable {
    /** More of them say nothing new. */
    private static final int MAX_FAILURES = 1000;
    private static final long PAUSE_NANOS = 5_000_000;

    private final int port;
    private final String request;
    private final Consumer<Response> each;
    private final List<Thread> threads = new ArrayList<>();
    private final AtomicLong answers = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopping;

    private Load(int port, String target, Consumer<Response> each) {
        this.port = port;
        this.request = "GET " + target + " HTTP/1.1\r\nHost: localhost\r\n\r\n";
        this.each = each;
    }

    /** {@return clients that are at work: each got an answer} */
    static Load start(int port, String target, int clients) {
        return start(port, target, clients, response -> { });
    }

    /**
     * Starts clients.
     *
     * @param each gets every good answer, from all threads
     */
    static Load start(int port, String target, int clients, Consumer<Response> each) {
        return new Load(port, target, each).begin(clients);
    }

    private Load begin(int clients) {
        for (int i = 0; i < clients; i++) {
            threads.add(Thread.ofPlatform().daemon().start(this::client));
        }
        awaitMore(clients);
        return this;
    }

    private void client() {
        while (!stopping) {
            try (Http http = Http.tcp(port)) {
                while (!stopping) {
                    one(http.exchange(request));
                    LockSupport.parkNanos(PAUSE_NANOS);
                }
            } catch (IOException e) {
                fail(e.toString());
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        }
    }

    private void one(Response response) {
        if (response.status() == 200) {
            each.accept(response);
            answers.incrementAndGet();
        } else {
            fail(response.statusLine());
        }
    }

    private void fail(String text) {
        if (failures.size() < MAX_FAILURES) {
            failures.add(text);
        }
    }

    /** Waits for that many more good answers. */
    void awaitMore(int count) {
        awaitMore(count, Await.PATIENCE);
    }

    /** The same where they may take long. */
    void awaitMore(int count, Duration patience) {
        long target = answers.get() + count;
        Await.until(count + " more answers; so far " + failures, patience, () -> answers.get() >= target);
    }

    /** {@return what went wrong so far} */
    List<String> failures() {
        return List.copyOf(failures);
    }

    /** Forgets what went wrong so far, since the test caused it. */
    void forgive() {
        failures.clear();
    }

    /** {@return what went wrong, after all clients stopped} */
    List<String> stop() {
        close();
        return failures();
    }

    @Override
    public void close() {
        stopping = true;
        Await.until("the clients stop", () -> threads.stream().noneMatch(Thread::isAlive));
    }
}
