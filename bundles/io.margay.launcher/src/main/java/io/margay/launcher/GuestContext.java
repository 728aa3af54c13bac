// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.process.HostProcess;
import io.margay.process.Prestarted;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessType;
import io.margay.process.ServerOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.osgi.framework.Bundle;

/** Main in a framework that somebody else started. */
final class GuestContext implements ProcessContext {
    private static final String MAIN = "main";

    private final CommandLine options;
    private final Path temporary;
    private final GuestHome home;
    private final HostProcess host;
    private final Consumer<Optional<Throwable>> ended;
    private final AtomicBoolean over = new AtomicBoolean();

    /**
     * Describes it.
     *
     * @param temporary the private directory of the server
     * @param home what its children start from
     * @param ended told once when the server has ended by itself, with the reason if that is a failure
     */
    GuestContext(CommandLine options, Path temporary, GuestHome home, HostProcess host,
            Consumer<Optional<Throwable>> ended) {
        this.options = options;
        this.temporary = temporary;
        this.home = home;
        this.host = host;
        this.ended = ended;
    }

    @Override
    public String kind() {
        return MAIN;
    }

    @Override
    public String program() {
        return "margay";
    }

    @Override
    public List<String> arguments() {
        return List.of();
    }

    @Override
    public ServerOptions options() {
        return options;
    }

    @Override
    public Optional<String> property(String name) {
        return home.property(name);
    }

    @Override
    public boolean has(Bundle bundle) {
        return home.has(bundle);
    }

    @Override
    public Optional<String> init() {
        return Optional.empty();
    }

    @Override
    public Path home() {
        return home.path();
    }

    @Override
    public Path directory() {
        return temporary.resolve(MAIN);
    }

    @Override
    public OptionalInt statusDescriptor() {
        return OptionalInt.empty();
    }

    @Override
    public void ready() {
        // Nobody waits; the control socket is there.
    }

    @Override
    public void demand(String feature) {
        // Whoever wants it installs it.
    }

    @Override
    public HostProcess host() {
        return host;
    }

    @Override
    public Optional<Prestarted> startAhead(String kind, List<Path> parts) {
        return Optional.empty();
    }

    @Override
    public Optional<Prestarted> prestarted(String kind) {
        return Optional.empty();
    }

    @Override
    public Optional<Part> part(String name) {
        // Who has installed it updates it, and the server starts anew.
        return Optional.empty();
    }

    @Override
    public ChildCommand command(ProcessType type, List<Path> parts) {
        ChildJvm jvm = new ChildJvm(home.path(), type.feature().orElseThrow(), environment());
        return new ChildCommand(jvm.executable(), jvm.argv(), jvm.environment(Map.of()));
    }

    /** What {@code lib/java.sh} does at home: the options of the container's JVM are not those of the children. */
    private static Map<String, String> environment() {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.remove("JAVA_TOOL_OPTIONS");
        environment.remove("JDK_JAVA_OPTIONS");
        environment.put("_JAVA_SR_SIGNUM", ChildJvm.SUSPEND_SIGNAL);
        String locale = environment.getOrDefault("LC_ALL",
            environment.getOrDefault("LC_CTYPE", environment.getOrDefault("LANG", "")));
        if (!locale.toUpperCase(Locale.ROOT).contains("UTF")) {
            environment.put("LC_ALL", "C.UTF-8");
        }
        return environment;
    }

    @Override
    public Map<String, String> userEnvironment() {
        return ChildJvm.userEnvironment(System.getenv());
    }

    @Override
    public void forget(int pid) {
        ChildJvm.forget(pid);
    }

    @Override
    public void exit(int code) {
        end(Optional.empty());
    }

    @Override
    public void failed(Throwable reason) {
        end(Optional.of(reason));
    }

    private void end(Optional<Throwable> reason) {
        if (over.compareAndSet(false, true)) {
            ended.accept(reason);
        }
    }
}
