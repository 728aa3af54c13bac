// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import io.margay.conf.Conf;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * One configuration of the container, {@code PID.cfg.json}, in the JSON format of OSGi's Configurator as Felix reads
 * it: comments, names that may end in a type ({@code "remote:Boolean"}). Values are single ones, as all of ours are.
 * Felix' own reader would bring the JSON library of Jakarta EE into each start; {@code conf} is there already.
 */
final class ConfigurationFile {
    /** How the names of these files end. */
    static final String ENDING = ".cfg.json";

    private static final int MAX_BYTES = 1 << 20;

    private final Path path;
    private final Map<String, Object> properties = new LinkedHashMap<>();

    private ConfigurationFile(Path path) {
        this.path = path;
    }

    /**
     * Reads a file.
     *
     * @param environment for placeholders
     * @throws ConfigurationException that names the file and the property
     * @throws IOException when it cannot be read
     */
    static ConfigurationFile read(Path path, Map<String, String> environment) throws IOException {
        ConfigurationFile file = new ConfigurationFile(path);
        Placeholders placeholders = new Placeholders(environment);
        file.object().members().forEach((name, value) -> file.take(name, value, placeholders));
        return file;
    }

    private ConfObject object() throws IOException {
        byte[] text;
        try (InputStream in = Files.newInputStream(path)) {
            text = in.readNBytes(MAX_BYTES + 1);
        }
        if (text.length > MAX_BYTES) {
            throw wrong("it is larger than 1 MiB");
        }
        try {
            if (ConfParser.parse(text) instanceof ConfObject object) {
                return object;
            }
        } catch (ConfSyntaxException e) {
            throw wrong("line " + e.line() + ", column " + e.column() + ": " + e.detail());
        }
        throw wrong("it must hold an object");
    }

    private void take(String typed, Conf value, Placeholders placeholders) {
        int colon = typed.lastIndexOf(':');
        String name = colon < 0 ? typed : typed.substring(0, colon);
        try {
            Object read = value(colon < 0 ? "" : typed.substring(colon + 1), value, placeholders);
            if (properties.putIfAbsent(name, read) != null) {
                throw new ConfigurationException("is there twice");
            }
        } catch (ConfigurationException e) {
            throw wrong("property \"" + name + "\" " + e.getMessage());
        }
    }

    private static Object value(String type, Conf value, Placeholders placeholders) {
        return switch (value) {
            case ConfString text -> {
                Placeholders.Filled filled = placeholders.fill(text.value());
                String wanted = type.isEmpty() ? filled.type() : type;
                yield convert(wanted.isEmpty() ? "String" : wanted, filled.text());
            }
            case ConfNumber number -> convert(!type.isEmpty() ? type : number.isInteger() ? "Long" : "Double",
                number.text());
            case ConfBoolean flag -> convert(type.isEmpty() ? "Boolean" : type, String.valueOf(flag.value()));
            default -> throw new ConfigurationException("must be one text, number or truth value");
        };
    }

    private static Object convert(String type, String text) {
        try {
            return switch (type) {
                case "String" -> text;
                case "Integer", "int" -> Integer.valueOf(text);
                case "Long", "long" -> Long.valueOf(text);
                case "Short", "short" -> Short.valueOf(text);
                case "Byte", "byte" -> Byte.valueOf(text);
                case "Double", "double" -> Double.valueOf(text);
                case "Float", "float" -> Float.valueOf(text);
                case "Boolean", "boolean" -> truth(text);
                default -> throw new ConfigurationException("has the type \"" + type + "\", which no single value has");
            };
        } catch (NumberFormatException e) {
            throw new ConfigurationException("\"" + text + "\" is no " + type);
        }
    }

    private static Boolean truth(String text) {
        if (text.equals("true") || text.equals("false")) {
            return Boolean.valueOf(text);
        }
        throw new ConfigurationException("\"" + text + "\" is neither true nor false");
    }

    /** {@return the name of the configuration} */
    String pid() {
        String name = path.getFileName().toString();
        return name.substring(0, name.length() - ENDING.length());
    }

    /** {@return texts, numbers and truth values by their names} */
    Map<String, Object> properties() {
        return properties;
    }

    /** {@return an error that names this file} */
    ConfigurationException wrong(String what) {
        return new ConfigurationException("\"" + path + "\": " + what);
    }
}
