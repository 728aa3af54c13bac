// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.posix.Address;
import io.margay.process.StartException;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What {@code --console ADDRESS} asks for, or {@code io.margay.console.cfg.json}: the bundles of
 * {@code features/console.json} in main, and framework properties from which they learn where to listen. Without it
 * none of their jars is opened; with it they are on the class path, if the start has seen to it, since the boot cache
 * of the console holds what comes from there.
 */
final class ConsoleOption {
    /** Allows addresses that other machines reach. */
    static final String REMOTE = "margay.console.remote";

    /** On the class path it brings all of the jars; {@code bin/unitd} puts it there. */
    private static final String LIST = "lib/console.jar";
    private static final List<String> FOLDERS = List.of("console", "guest");

    private final Path home;
    private final Map<String, String> properties;

    private ConsoleOption(Path home, Map<String, String> properties) {
        this.home = home;
        this.properties = properties;
    }

    /**
     * {@return the option of a command line; empty when it was not given}
     *
     * @throws StartException that names the option, when the address is none or not for this machine alone
     * @throws IOException when the framework properties cannot be read
     */
    static Optional<ConsoleOption> of(CommandLine line, Path home) throws IOException {
        if (line.console().isEmpty()) {
            return Optional.empty();
        }
        String text = line.console().get();
        Map<String, String> configured = line.consoleProperties();
        check(text, Boolean.parseBoolean(configured.getOrDefault("remote", Home.properties(home).getProperty(REMOTE))));
        Map<String, String> properties = new LinkedHashMap<>();
        properties.put("margay.console.address", text);
        properties.put("margay.console.state", absolute(line.stateDirectory()));
        properties.put("margay.console.control", control(line.control()));
        properties.put("margay.console.log", absolute(line.log()));
        properties.put("margay.console.pid", absolute(line.pid()));
        configured.forEach((name, value) -> properties.put("margay.console." + name, value));
        return Optional.of(new ConsoleOption(home, properties));
    }

    /**
     * Looks whether the console may listen there.
     *
     * @throws StartException that names the option and the way out
     */
    static void check(String text, boolean remote) {
        fault(text, remote).ifPresent(what -> {
            throw new StartException("option \"--console\": \"" + text + "\" " + what);
        });
    }

    /** {@return why the console may not listen there; empty when it may} */
    static Optional<String> fault(String text, boolean remote) {
        if (!isAddress(text)) {
            return Optional.of("is no address; it must be unix:PATH, 127.0.0.1:PORT or [::1]:PORT");
        }
        Address address = Address.tryParse(text).orElseThrow();
        if (address instanceof Address.Unix unix) {
            return unix.isAbstract() ? Optional.of("is an abstract socket, which has no file mode that protects it")
                : Optional.empty();
        }
        return remote || isLoopback(address) ? Optional.empty() : Optional.of("is no loopback address; \"" + REMOTE
            + "=true\" in config/framework.properties or \"remote\" in io.margay.console.cfg.json allows it");
    }

    /** {@return whether a text is an address} */
    static boolean isAddress(String text) {
        return Address.tryParse(text).isPresent();
    }

    private static boolean isLoopback(Address address) {
        return switch (address) {
            case Address.Ip4 four -> four.address() >>> 24 == 127;
            case Address.Ip6 six -> six.high() == 0 && six.low() == 1;
            default -> false;
        };
    }

    private static String control(String text) {
        return text.startsWith("unix:") && !text.startsWith("unix:@")
            ? "unix:" + absolute(text.substring("unix:".length())) : text;
    }

    private static String absolute(String path) {
        return Path.of(path).toAbsolutePath().normalize().toString();
    }

    Map<String, String> properties() {
        return properties;
    }

    /** {@return the folders whose jars are on the class path of this JVM; none unless the start saw to it} */
    List<Path> linked() {
        boolean listed = Stream.of(System.getProperty("java.class.path").split(File.pathSeparator)).anyMatch(entry ->
            Path.of(entry).toAbsolutePath().normalize().equals(home.resolve(LIST)));
        return listed ? FOLDERS.stream().map(home::resolve).toList() : List.of();
    }

    /**
     * {@return the bundles of main and those of the console}
     *
     * @throws IOException when the feature file cannot be read
     */
    Feature with(Feature main) throws IOException {
        Feature more = Feature.read(home.resolve("features/console.json"));
        if (linked().isEmpty()) {
            return main.with(more, properties);
        }
        // Several bundles bring the same to one class path. Logging has a provider in the bundle of ACME too, which
        // says nothing; and the web console starts the inventory itself where it finds it, as if it were its part.
        System.setProperty("slf4j.provider", "org.slf4j.jul.JULServiceProvider");
        System.setProperty("slf4j.internal.verbosity", "WARN");
        return main.with(more.unstarted("org.apache.felix.inventory"), properties);
    }

    /** {@return the jar of that name which only a console needs; empty when there is none} */
    Optional<Path> jar(String name) {
        return FOLDERS.stream().map(folder -> home.resolve(folder).resolve(name)).flatMap(path ->
            Files.exists(path) ? Stream.of(path) : Stream.empty()).findFirst();
    }
}
