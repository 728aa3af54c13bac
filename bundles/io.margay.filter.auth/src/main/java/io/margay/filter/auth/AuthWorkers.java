// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * Threads for what would hold a loop up: passwords, signatures, what is read from files and what from servers, each
 * apart from the others: who is no user any more is not let in for longer because a server of keys does not answer.
 * They exist only while there is work; what waits for them is bounded, and refused beyond that by
 * {@link java.util.concurrent.RejectedExecutionException}.
 */
@Component(service = AuthWorkers.class)
public final class AuthWorkers {
    private static final int THREADS = 2;
    /** Servers whose names are not found, or that do not answer, hold a thread up for half a minute at most. */
    private static final int SERVERS = 4;
    private static final int WAITING = 256;
    private static final long IDLE_SECONDS = 5;

    private final List<ThreadPoolExecutor> pools = new ArrayList<>();
    private final Executor passwords;
    private final Executor tokens;
    private final Executor files;
    private final Executor servers;

    /** Creates the service; no thread is started. */
    @Activate
    public AuthWorkers() {
        passwords = pool("passwords", THREADS);
        tokens = pool("tokens", THREADS);
        files = pool("auth files", 1);
        servers = pool("auth servers", SERVERS);
    }

    /** One that lets others work, for tests. */
    AuthWorkers(Executor passwords, Executor tokens, Executor sources) {
        this.passwords = passwords;
        this.tokens = tokens;
        files = sources;
        servers = sources;
    }

    private Executor pool(String name, int threads) {
        ThreadPoolExecutor pool = new ThreadPoolExecutor(threads, threads, IDLE_SECONDS, TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(WAITING), Thread.ofPlatform().daemon().name(name).factory());
        pool.allowCoreThreadTimeOut(true);
        pools.add(pool);
        return pool;
    }

    /** For the check of a password, which takes long by intention. */
    Executor passwords() {
        return passwords;
    }

    /** For the check of a signature. */
    Executor tokens() {
        return tokens;
    }

    /** For what is read from files. */
    Executor files() {
        return files;
    }

    /** For what is asked of servers. */
    Executor servers() {
        return servers;
    }

    /** Ends the threads; configurations have ended before. */
    @Deactivate
    public void deactivate() {
        pools.forEach(ThreadPoolExecutor::shutdownNow);
    }
}
