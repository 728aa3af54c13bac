// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import io.margay.log.ErrorLog;
import jakarta.servlet.Servlet;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Dictionary;
import java.util.HashSet;
import java.util.Hashtable;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.felix.http.jetty.ConnectorFactory;
import org.apache.felix.inventory.Format;
import org.apache.felix.inventory.InventoryPrinter;
import org.apache.felix.webconsole.spi.SecurityProvider;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.util.tracker.ServiceTracker;
import org.osgi.util.tracker.ServiceTrackerCustomizer;

/**
 * Brings the server into the web console, as long as {@code --console} or the configuration {@value #PID} says where:
 * the gate first, then our pages, and the address last.
 */
@Component(immediate = true, service = {}, configurationPid = Console.PID,
    configurationPolicy = ConfigurationPolicy.OPTIONAL)
public final class Console {
    /** The configuration, in a container of somebody else. */
    static final String PID = "io.margay.console";

    private static final long CALL_SECONDS = 30;

    private static final String RUNTIME = "org.osgi.service.servlet.runtime.HttpServiceRuntime";

    private final BundleContext context;
    private final ErrorLog log;
    private final List<ServiceRegistration<?>> services = new ArrayList<>();
    private Optional<ServiceTracker<Object, ServiceRegistration<ConnectorFactory>>> address = Optional.empty();
    /** Held, since the JDK forgets the level of a logger that nobody holds. */
    private final List<Logger> loggers = new ArrayList<>();
    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor(
        Thread.ofPlatform().daemon().name("margay-console").factory());

    /** Starts, if it is told where; what is wrong is one line in the log. */
    @Activate
    public Console(BundleContext context, Map<String, Object> properties, @Reference ErrorLog log) {
        this.context = context;
        this.log = log;
        try {
            Optional<ConsoleSettings> settings = ConsoleSettings.of(properties, context::getProperty);
            if (settings.isPresent()) {
                if (context.getProperty("margay.console.address") != null) {
                    quiet();
                }
                begin(settings.get());
            }
        } catch (IllegalArgumentException e) {
            stop();
            log.alert("console: it is not started: " + e.getMessage());
        }
    }

    private void begin(ConsoleSettings settings) {
        UserFile users = new UserFile(settings.state(), log);
        ServerControl control = new ServerControl(settings.control(), timer, CALL_SECONDS);
        KernelProcesses processes = new KernelProcesses(Path.of("/proc"), settings.pid());
        StatusHistory history = new StatusHistory(() -> object(control, "/status"), () -> object(control,
            "/control/inspect/router/traffic/all"), processes::memory, System::currentTimeMillis);
        List<Page> pages = new ArrayList<>(StatusPages.of(control, history, processes));
        LogTail tail = new LogTail(settings.log());
        pages.add(new ApplicationsPage(control, processes, tail));
        pages.add(new ModulesPage(control, context));
        pages.add(new RoutesPage(control));
        pages.add(new ConfigurationPage(control));
        pages.add(new CertificatesPage(control));
        pages.add(new EventsPage(tail, new AccessLogTail(() -> control.json("/config/access_log")), processes,
            () -> control.json("/config/applications")));
        List<String> labels = pages.stream().map(Page::label).toList();
        ConsoleSessions sessions = new ConsoleSessions(System::nanoTime);
        ConsoleGate gate = new ConsoleGate(new OriginRules(settings.hosts()),
            new ConsoleLogins(users, new LoginThrottle(System::nanoTime),
                new ProvenLogins(System::nanoTime), log), sessions,
            new ConsoleFiles(context.getBundle().getLastModified()), new HashSet<>(labels), log);
        register(SecurityProvider.class, gate, Map.of(SecurityProvider.PROPERTY_ID, PID,
            Constants.SERVICE_RANKING, Integer.MAX_VALUE));
        PageShell shell = new PageShell(labels, context);
        for (Page page : pages) {
            register(Servlet.class, new PageServlet(page, shell, log), Map.of("felix.webconsole.label", page.label(),
                "felix.webconsole.title", PageTexts.of(Locale.ENGLISH).get(page.label() + ".title"),
                "felix.webconsole.category", "Margay",
                "osgi.http.whiteboard.servlet.pattern", new String[] {"/" + page.label(), "/" + page.label() + ".json"},
                "osgi.http.whiteboard.context.select",
                "(osgi.http.whiteboard.context.name=org.apache.felix.webconsole)"));
        }
        register(InventoryPrinter.class, (writer, format, zip) -> dump(control, writer), Map.of(
            InventoryPrinter.NAME, "margay", InventoryPrinter.TITLE, "Margay", InventoryPrinter.FORMAT,
            new String[] {Format.TEXT.toString(), Format.JSON.toString()}));
        register(ConnectorFactory.class, ConsoleConnector.nowhere(), Map.of());
        address = Optional.of(new ServiceTracker<>(context, RUNTIME, new Address(settings, users)));
        address.get().open();
        timer.scheduleWithFixedDelay(quietly(history), 0, StatusHistory.SECONDS, TimeUnit.SECONDS);
    }

    private static ConfObject object(ServerControl control, String path) {
        return control.json(path) instanceof ConfObject found ? found : ConfObject.EMPTY;
    }

    /** At home, where the log is ours, it is not for what a web server says at each start. */
    private void quiet() {
        for (String name : List.of("org.eclipse.jetty", "org.apache.felix.http", "org.apache.felix.webconsole")) {
            Logger logger = Logger.getLogger(name);
            logger.setLevel(Level.WARNING);
            // Of the address that it cannot have; that ours fails is told by the connector.
            logger.setFilter(line -> line.getMessage() == null
                || !line.getMessage().startsWith("Failed to start Connector")
                && !line.getMessage().startsWith("Failed starting connector"));
            loggers.add(logger);
        }
    }

    /** A look that fails must not be the last. */
    private Runnable quietly(Runnable look) {
        return () -> {
            try {
                look.run();
            } catch (RuntimeException e) {
                log.failure(e);
            }
        };
    }

    private <T> void register(Class<T> type, T service, Map<String, ?> properties) {
        Dictionary<String, Object> all = new Hashtable<>(properties);
        services.add(context.registerService(type, service, all));
    }

    /** For the status dump: both of its formats are the same text. */
    private static void dump(ServerControl control, PrintWriter writer) {
        writer.println(new String(control.get("/status").body(), StandardCharsets.UTF_8));
    }

    /** Gives the web server the address as soon as it runs, which is when it registers this service. */
    private final class Address implements ServiceTrackerCustomizer<Object, ServiceRegistration<ConnectorFactory>> {
        private final ConsoleSettings settings;
        private final UserFile users;

        Address(ConsoleSettings settings, UserFile users) {
            this.settings = settings;
            this.users = users;
        }

        @Override
        public ServiceRegistration<ConnectorFactory> addingService(ServiceReference<Object> runtime) {
            ServiceRegistration<ConnectorFactory> there = context.registerService(ConnectorFactory.class,
                new ConsoleConnector(settings.address(), log), null);
            // The hash of a new password takes longer than all the rest; who logs in meanwhile waits for it.
            Thread.ofPlatform().daemon().name("margay-console-users").start(this::prepareUsers);
            return there;
        }

        private void prepareUsers() {
            try {
                users.prepare();
            } catch (IOException e) {
                log.alert("console: nobody can log in: " + e.getMessage());
            }
        }

        @Override
        public void modifiedService(ServiceReference<Object> runtime, ServiceRegistration<ConnectorFactory> there) {
            // It stays.
        }

        @Override
        public void removedService(ServiceReference<Object> runtime, ServiceRegistration<ConnectorFactory> there) {
            there.unregister();
        }
    }

    /** Takes all away again, the address first. */
    @Deactivate
    void stop() {
        address.ifPresent(ServiceTracker::close);
        services.reversed().forEach(ServiceRegistration::unregister);
        services.clear();
        timer.shutdownNow();
    }
}
