// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.credential.Accounts;
import io.margay.log.ErrorLog;
import io.margay.log.Level;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.StartException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.stream.Stream;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * The entry point of every core process. The start script and {@link ChildJvm} set {@code margay.home} and, for other
 * roles than main, {@code margay.role}.
 */
public final class Home {
    /** A jar that is read where it lies. */
    static final String FILE = "reference:file:";

    private static final int STDERR = 2;
    private static final int LAST = 2;
    private static final int LATER = 3;

    private final HomeContext launch;
    private final Optional<Configurations> configurations;
    private final Optional<BundleNotes> notes;
    private final List<Bundle> wanted = new ArrayList<>();
    /** What the work of the process does not wait for. */
    private final List<Bundle> later = new ArrayList<>();

    private Home(HomeContext launch, Optional<Configurations> configurations) {
        this.launch = launch;
        this.configurations = configurations;
        // Newer parts must be resolved as their headers say.
        this.notes = launch.parts().isEmpty() ? BundleNotes.of(launch.home(), launch.notes()) : Optional.empty();
    }

    /** Starts the role and returns never: the process ends by {@link ProcessContext#exit}. */
    public static void main(String[] arguments) {
        int code;
        try {
            code = run(List.of(arguments));
        } catch (Exception e) {
            Terminal.alert(STDERR, Trouble.describe(e));
            code = 1;
        }
        System.out.flush();
        System.err.flush();
        // No shutdown hook of ours exists, and those of libraries must not delay the end.
        Runtime.getRuntime().halt(code);
    }

    private static int run(List<String> arguments) throws Exception {
        Path home = Path.of(System.getProperty("margay.home")).toAbsolutePath().normalize();
        String role = System.getProperty("margay.role", "main");
        CommandLine line;
        Optional<Configurations> configurations = Optional.empty();
        if (role.equals("main")) {
            Properties framework = properties(home);
            CommandLine.Outcome outcome = CommandLine.parse(System.getProperty("margay.program", "unitd"), arguments,
                Defaults.read(home), framework.getProperty("unit.version", "unknown"));
            switch (outcome) {
                case CommandLine.Outcome.Answer answer -> {
                    System.out.print(answer.out());
                    System.err.print(answer.err());
                    return answer.code();
                }
                case CommandLine.Outcome.Start start -> {
                    System.err.print(start.notes());
                    Configurations read = Configurations.read(home, System.getenv());
                    read.check(Boolean.parseBoolean(framework.getProperty(ConsoleOption.REMOTE)));
                    line = start.line().with(read);
                    configurations = Optional.of(read);
                }
            }
        } else {
            line = CommandLine.defaults(home);
        }
        HomeContext launch = new HomeContext(role, arguments, line, home);
        try {
            return new Home(launch, configurations).boot();
        } catch (Exception e) {
            launch.alert(Trouble.describe(e));
            return 1;
        }
    }

    private int boot() throws Exception {
        Path directory = launch.open();
        try {
            Felix framework = new Felix(settings(directory),
                new ClassPathModules(launch.folders(), launch.parts(), notes));
            framework.init();
            BundleContext context = framework.getBundleContext();
            launch.framework(context);
            install(context);
            framework.start();
            launch.awaitStartData();
            launch.handOver();
            Optional<ProcessKind> kind = begin(context);
            int code;
            try {
                code = launch.awaitEnd(framework);
            } finally {
                kind.ifPresent(ProcessKind::stop);
            }
            if (launch.failure().isPresent()) {
                throw new StartException(Trouble.describe(launch.failure().get()), launch.failure().get());
            }
            return code;
        } finally {
            launch.close();
        }
    }

    private Map<String, Object> settings(Path directory) throws IOException {
        Map<String, Object> settings = new HashMap<>();
        for (Map.Entry<Object, Object> property : properties(launch.home()).entrySet()) {
            settings.put((String) property.getKey(), property.getValue());
        }
        settings.putAll(launch.feature().properties());
        settings.put(Constants.FRAMEWORK_STORAGE, directory.resolve("bundles").toString());
        if (notes.isPresent() || BundleNotesWriter.wanted().isPresent()) {
            settings.put(BundleNotes.KEEP, "true");
        }
        settings.put("margay.role", launch.kind());
        settings.put("margay.home", launch.home().toString());
        launch.settings(settings);
        return settings;
    }

    private void install(BundleContext context) throws Exception {
        for (Feature.Entry entry : launch.feature().bundles()) {
            Bundle bundle = context.installBundle(launch.location(entry));
            if (entry.order() > 1) {
                bundle.adapt(BundleStartLevel.class).setStartLevel(entry.order());
            }
            if (entry.order() > LAST) {
                later.add(bundle);
            } else if (entry.order() > 0 && bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) {
                wanted.add(bundle);
            }
        }
        for (DroppedKinds.Dropped dropped : launch.dropped()) {
            // Main reads its header only; the code runs in the process of that kind.
            context.installBundle(FILE + dropped.jar());
        }
        if (launch.own().isPresent()) {
            Bundle bundle = context.installBundle(FILE + launch.own().get().jar());
            bundle.adapt(BundleStartLevel.class).setStartLevel(LAST);
            wanted.add(bundle);
        }
        // All in one go: each on its own would cost a start twice as much.
        context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class).resolveBundles(
            needed(context));
        if (notes.isPresent()) {
            notes.get().giveComponents(context);
        }
        for (Bundle bundle : wanted) {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        }
        for (Bundle bundle : later) {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        }
    }

    /** Null for all, as the framework understands it. */
    private List<Bundle> needed(BundleContext context) {
        return later.isEmpty() ? null
            : Stream.of(context.getBundles()).filter(bundle -> !later.contains(bundle)).toList();
    }

    /** Every bundle must be active, since a process that lacks one would fail later and less clearly. */
    private Optional<ProcessKind> begin(BundleContext context) throws Exception {
        for (Bundle bundle : wanted) {
            if (bundle.getState() != Bundle.ACTIVE && bundle.getState() != Bundle.STARTING) {
                // Once more, to learn why.
                bundle.start(Bundle.START_TRANSIENT);
                throw new BundleException("bundle " + bundle.getSymbolicName() + " did not start");
            }
        }
        if (BundleNotesWriter.wanted().isPresent()) {
            BundleNotesWriter.write(context, BundleNotesWriter.wanted().get());
        }
        tellCache(context);
        checkAccounts(context);
        // Started from here and not by the component: a kind that is not there must end the process, not leave it idle.
        for (ServiceReference<ProcessKind> reference : context.getServiceReferences(ProcessKind.class, null)) {
            ProcessKind kind = context.getService(reference);
            if (kind != null && kind.type().is(launch.kind())) {
                kind.start(launch);
                if (!later.isEmpty()) {
                    // On a thread of the framework: the server does not wait for what only shows it.
                    context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkStartLevel.class)
                        .setStartLevel(LATER);
                }
                return Optional.of(kind);
            }
        }
        throw new IOException("no bundle of feature \"" + launch.kind() + "\" offers a " + ProcessKind.class.getName());
    }

    /** Accounts can be looked up as soon as there are bundles. */
    private void checkAccounts(BundleContext context) {
        if (configurations.isPresent() && configurations.get().nameAccounts()) {
            ServiceReference<Accounts> reference = context.getServiceReference(Accounts.class);
            configurations.get().check(context.getService(reference));
        }
    }

    /** Nobody hears of a cache that does not fit, but by this. */
    private void tellCache(BundleContext context) throws IOException {
        ServiceReference<ErrorLog> reference = context.getServiceReference(ErrorLog.class);
        ErrorLog log = reference == null ? null : context.getService(reference);
        if (log != null && log.writes(Level.DEBUG)) {
            log.debug("boot cache: " + (new BootCache(launch.home()).isUsed() ? "used" : "not used"));
        }
    }

    static Properties properties(Path home) throws IOException {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(home.resolve("config/framework.properties"))) {
            properties.load(reader);
        }
        return properties;
    }
}
