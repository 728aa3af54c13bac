// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Properties;

/**
 * The values that packagers choose: {@code config/unitd.defaults}. A relative path there starts at the distribution.
 */
public final class Defaults {
    private final Path home;
    private final Properties values;

    private Defaults(Path home, Properties values) {
        this.home = home;
        this.values = values;
    }

    /** Reads the defaults of a distribution; without the file everything lies below the distribution. */
    static Defaults read(Path home) throws IOException {
        Properties values = new Properties();
        Path file = home.resolve("config/unitd.defaults");
        if (Files.exists(file)) {
            try (Reader reader = Files.newBufferedReader(file)) {
                values.load(reader);
            }
        }
        return of(home, values);
    }

    /**
     * {@return the address of the control socket of a server that is started without options}
     *
     * @param home the distribution
     * @param environment in which it is started
     * @throws IOException that says what is wrong with its configuration
     */
    public static String control(Path home, Map<String, String> environment) throws IOException {
        try {
            String configured = Configurations.read(home, environment).options().get(CommandOption.CONTROL);
            return configured == null ? read(home).control() : configured;
        } catch (ConfigurationException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    static Defaults of(Path home, Properties values) {
        return new Defaults(home, values);
    }

    String prefix() {
        return path("prefix", "");
    }

    String control() {
        String address = values.getProperty("control", "unix:var/run/control.unit.sock").strip();
        boolean absolute = address.startsWith("unix:/") || address.startsWith("unix:@");
        if (address.startsWith("unix:") && !absolute) {
            return "unix:" + below(address.substring("unix:".length()));
        }
        return address;
    }

    String path(String name, String fallback) {
        return below(values.getProperty(name, fallback).strip());
    }

    String text(String name, String fallback) {
        return values.getProperty(name, fallback).strip();
    }

    private String below(String path) {
        return path.isEmpty() ? home.toString() : home.resolve(path).toString();
    }
}
