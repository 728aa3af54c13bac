// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.VirtualThreads;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty with one web application. */
final class Container {

    /** For the selector, and for what a request does beside its wait. */
    private static final int MORE_THREADS = 3;
    /** The server in front has a limit for heads. */
    private static final int HEAD = 1 << 20;
    private static final int IDLE_MILLIS = 60_000;
    private static final long STOP_SECONDS = 30;
    /** The first version whose virtual threads do not hold a carrier while they wait for a monitor. */
    private static final int GOOD_VIRTUAL_THREADS = 24;
    /** It must have a name, which is removed with the socket. */
    private static final Path INHERITED = Path.of("/proc/self/fd/none");

    private final Server server;
    private final GracefulHandler graceful;

    /** On the socket that the JVM has inherited. */
    Container(RunnerOptions options) throws Exception {
        this(options, INHERITED);
    }

    /** On a socket that is made at that place. */
    Container(RunnerOptions options, Path socket) throws Exception {
        if (!Files.exists(options.webapp())) {
            throw new FileNotFoundException("Unable to determine code source archive from " + options.webapp());
        }
        server = new Server(pool(options));
        server.addConnector(connector(server, socket));
        graceful = new GracefulHandler(Archive.edition(options.webapp()).context(options).open(options));
        server.setHandler(graceful);
        server.setErrorHandler(new FailedAnswers());
    }

    private static QueuedThreadPool pool(RunnerOptions options) {
        AtomicInteger made = new AtomicInteger();
        QueuedThreadPool pool = new QueuedThreadPool(options.threads() + MORE_THREADS, 1, IDLE_MILLIS, 0, null, null,
            // A size of 0 is the JVM's own.
            task -> new Thread(null, task, "request-" + made.incrementAndGet(), options.stackSize()));
        // The stack of a virtual thread has no size of its own.
        if (Runtime.version().feature() >= GOOD_VIRTUAL_THREADS && options.stackSize() == 0) {
            pool.setVirtualThreadsExecutor(bounded(options.threads() + 1));
        }
        return pool;
    }

    /** As many requests at a time as there would be threads for. */
    private static Executor bounded(int most) {
        Executor virtual = VirtualThreads.getNamedVirtualThreadsExecutor("request-");
        Semaphore places = new Semaphore(most);
        return task -> virtual.execute(() -> {
            places.acquireUninterruptibly();
            try {
                task.run();
            } finally {
                places.release();
            }
        });
    }

    private static UnixDomainServerConnector connector(Server server, Path socket) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setRequestHeaderSize(HEAD);
        http.setMaxResponseHeaderSize(HEAD);
        http.addCustomizer(new ClientFacts());
        UnixDomainServerConnector connector = new UnixDomainServerConnector(server, 0, 1,
            new HttpConnectionFactory(http));
        connector.setInheritChannel(socket.equals(INHERITED));
        connector.setUnixDomainPath(socket);
        // How long a request may take is said by the server in front.
        connector.setIdleTimeout(0);
        return connector;
    }

    /** Starts, or leaves no files behind. */
    void start() throws Exception {
        try {
            server.start();
        } catch (Exception | LinkageError e) {
            LifeCycle.stop(graceful);
            throw e;
        }
    }

    /** Lets requests end, then takes the application down. The socket goes with the process, as its streams would. */
    void stop() {
        try {
            graceful.shutdown().get(STOP_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            System.err.println("requests were cut: " + e);
        }
        LifeCycle.stop(graceful);
    }
}
