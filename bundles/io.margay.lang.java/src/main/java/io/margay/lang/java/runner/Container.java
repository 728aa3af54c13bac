// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.FileNotFoundException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.ee10.servlet.ListenerHolder;
import org.eclipse.jetty.ee10.servlet.Source;
import org.eclipse.jetty.ee10.webapp.WebAppContext;
import org.eclipse.jetty.security.EmptyLoginService;
import org.eclipse.jetty.server.HttpConfiguration;
import org.eclipse.jetty.server.HttpConnectionFactory;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.handler.GracefulHandler;
import org.eclipse.jetty.unixdomain.server.UnixDomainServerConnector;
import org.eclipse.jetty.util.ClassMatcher;
import org.eclipse.jetty.util.component.LifeCycle;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.util.resource.ResourceFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/** Jetty with one web application. */
final class Container {

    /** For the selector, and for what a request does beside its wait. */
    private static final int MORE_THREADS = 3;
    /** The server in front has a limit for heads. */
    private static final int HEAD = 1 << 20;
    private static final int IDLE_MILLIS = 60_000;
    private static final long STOP_SECONDS = 30;
    private static final String CONTEXT_PATH = "nginx.unit.context.path";
    private static final String LISTENER = "nginx.unit.context.listener";

    private final Server server;
    private final GracefulHandler graceful;

    Container(RunnerOptions options) throws Exception {
        if (!Files.exists(options.webapp())) {
            throw new FileNotFoundException("Unable to determine code source archive from " + options.webapp());
        }
        server = new Server(pool(options));
        server.addConnector(connector(server));
        graceful = new GracefulHandler(context(options));
        server.setHandler(graceful);
    }

    private static QueuedThreadPool pool(RunnerOptions options) {
        AtomicInteger made = new AtomicInteger();
        return new QueuedThreadPool(options.threads() + MORE_THREADS, 1, IDLE_MILLIS, 0, null, null, task ->
            // A size of 0 is the JVM's own.
            new Thread(null, task, "request-" + made.incrementAndGet(), options.stackSize()));
    }

    private static UnixDomainServerConnector connector(Server server) {
        HttpConfiguration http = new HttpConfiguration();
        http.setSendServerVersion(false);
        http.setSendDateHeader(false);
        http.setRequestHeaderSize(HEAD);
        http.setMaxResponseHeaderSize(HEAD);
        http.addCustomizer(new ClientFacts());
        UnixDomainServerConnector connector = new UnixDomainServerConnector(server, 0, 1,
            new HttpConnectionFactory(http));
        connector.setInheritChannel(true);
        // It must have a name, which is removed with the socket.
        connector.setUnixDomainPath(Path.of("/proc/self/fd/none"));
        // How long a request may take is said by the server in front.
        connector.setIdleTimeout(0);
        return connector;
    }

    private static WebAppContext context(RunnerOptions options) throws Exception {
        WebAppContext context = new WebAppContext();
        ResourceFactory files = ResourceFactory.of(context);
        context.setContextPath(contextPath(System.getProperty(CONTEXT_PATH, "")));
        context.setWar(options.webapp().toRealPath().toString());
        List<Resource> classpath = new ArrayList<>();
        for (String entry : options.classpath()) {
            Resource resource = files.newResource(entry);
            if (resource == null) {
                throw new FileNotFoundException("\"classpath\" entry " + entry + " does not exist");
            }
            classpath.add(resource);
        }
        if (!classpath.isEmpty()) {
            context.setExtraClasspath(classpath);
        }
        context.setThrowUnavailableOnStartupException(true);
        context.setLogUrlOnStart(false);
        context.addHiddenClassMatcher(new ClassMatcher("org.slf4j.", "org.objectweb.asm.", "org.eclipse.jdt.",
            "io.margay.lang.java.runner."));
        context.getSessionHandler().setHttpOnly(true);
        context.setMaxFormContentSize(-1);
        // The server knows no users: who configures a login finds that nobody gets in, unless the application has some.
        context.getSecurityHandler().setLoginService(new EmptyLoginService());
        String listener = System.getProperty(LISTENER, "");
        if (!listener.isEmpty()) {
            context.getServletHandler().addListener(named(listener));
        }
        return context;
    }

    private static ListenerHolder named(String type) {
        ListenerHolder holder = new ListenerHolder(Source.EMBEDDED);
        holder.setClassName(type);
        return holder;
    }

    /** A leading slash and no trailing one. */
    static String contextPath(String value) {
        String path = value.startsWith("/") ? value : "/" + value;
        while (path.length() > 1 && path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return path;
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
