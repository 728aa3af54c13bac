// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.posix.Address;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * Where the console listens, and where the server is that it shows.
 *
 * @param address where it listens
 * @param state the directory that keeps its users
 * @param control the address of the control socket
 * @param log the log file of the server
 * @param pid the pid file of the server
 * @param hosts names besides those of this machine by which browsers may call it
 */
record ConsoleSettings(Address address, Path state, Address control, Path log, Path pid, Set<String> hosts) {

    private static final String PREFIX = "margay.console.";

    /**
     * Reads the settings.
     *
     * @param configuration of the PID, in a container; its names are those of the framework properties, unprefixed
     * @param properties of the framework, which the option {@code --console} sets
     * @return the settings; empty when neither says where to listen
     * @throws IllegalArgumentException that names the property
     */
    static Optional<ConsoleSettings> of(Map<String, ?> configuration, Function<String, String> properties) {
        Function<String, Optional<String>> values = name -> Optional.ofNullable(configuration.get(name))
            .map(String::valueOf).or(() -> Optional.ofNullable(properties.apply(PREFIX + name))).map(String::strip)
            .filter(text -> !text.isEmpty());
        if (values.apply("address").isEmpty()) {
            return Optional.empty();
        }
        Address address = address("address", values);
        boolean remote = values.apply("remote").map(Boolean::parseBoolean).orElse(false);
        if (address instanceof Address.Unix unix && unix.isAbstract()) {
            throw wrong("address", address.text(), "is an abstract socket, which has no file mode that protects it");
        }
        if (!remote && !isLocal(address)) {
            throw wrong("address", address.text(), "is no loopback address; \"remote\" allows it");
        }
        Set<String> hosts = new TreeSet<>();
        values.apply("hosts").ifPresent(list -> hosts.addAll(Set.of(list.toLowerCase(java.util.Locale.ROOT)
            .split("[,\\s]+"))));
        return Optional.of(new ConsoleSettings(address, path("state", values), address("control", values),
            path("log", values), path("pid", values), Set.copyOf(hosts)));
    }

    private static Address address(String name, Function<String, Optional<String>> values) {
        String text = values.apply(name).orElseThrow(() -> new IllegalArgumentException(
            "property \"" + name + "\" is missing"));
        return Address.tryParse(text).orElseThrow(() -> wrong(name, text, "is no address"));
    }

    private static Path path(String name, Function<String, Optional<String>> values) {
        return Path.of(values.apply(name).orElseThrow(() -> new IllegalArgumentException(
            "property \"" + name + "\" is missing")));
    }

    private static IllegalArgumentException wrong(String name, String value, String what) {
        return new IllegalArgumentException("property \"" + name + "\": \"" + value + "\" " + what);
    }

    private static boolean isLocal(Address address) {
        return switch (address) {
            case Address.Unix unix -> true;
            case Address.Ip4 four -> four.address() >>> 24 == 127;
            case Address.Ip6 six -> six.high() == 0 && six.low() == 1;
            case Address.Other other -> false;
        };
    }
}
