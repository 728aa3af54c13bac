// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.ConfText;
import io.margay.conf.ConfWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Reads what the user wants to send. */
final class ToolContent {
    private ToolContent() {
    }

    /** {@return whether a file name stands for YAML} */
    static boolean isYaml(Path file) {
        String name = String.valueOf(file.getFileName()).toLowerCase(Locale.ROOT);
        return name.endsWith(".yaml") || name.endsWith(".yml");
    }

    /**
     * {@return the bytes of a file, or of the standard input for {@code -}}
     *
     * @throws ToolException when it cannot be read or is larger than any configuration
     */
    static byte[] read(String file, Io io) throws ToolException {
        if (!file.equals("-")) {
            return bounded(Path.of(file));
        }
        try {
            return bounded(io.in(), "standard input");
        } catch (IOException e) {
            throw ToolException.local("cannot read the standard input: " + e, e);
        }
    }

    /** {@return YAML as the JSON that servers take} */
    static byte[] json(byte[] yaml) throws ToolException {
        return ConfWriter.compact(YamlReader.read(ConfText.decode(yaml)));
    }

    /** {@return the text of a file, bytes that are not UTF-8 kept} */
    static String text(Path file) throws ToolException {
        return ConfText.decode(bounded(file));
    }

    /** {@return the bytes of a file} */
    static byte[] bounded(Path file) throws ToolException {
        try (InputStream in = Files.newInputStream(file)) {
            return bounded(in, file.toString());
        } catch (IOException e) {
            throw ToolException.local("cannot read \"" + file + "\": " + e, e);
        }
    }

    private static byte[] bounded(InputStream in, String name) throws ToolException, IOException {
        byte[] bytes = in.readNBytes(ControlClient.MAX_REPLY + 1);
        if (bytes.length > ControlClient.MAX_REPLY) {
            throw ToolException.local("\"" + name + "\" is larger than " + (ControlClient.MAX_REPLY >> 20) + " MB");
        }
        return bytes;
    }
}
