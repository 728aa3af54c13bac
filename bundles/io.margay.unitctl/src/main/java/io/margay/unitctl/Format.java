// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfText;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.TypeConversionException;

/** How results are written. */
enum Format {
    /** Human-readable lines, where a command has such. */
    TEXT("text"),
    /** YAML 1.2. */
    YAML("yaml"),
    /** JSON on one line. */
    JSON("json"),
    /** JSON with two blanks a level. */
    JSON_PRETTY("json-pretty");

    private final String option;

    Format(String option) {
        this.option = option;
    }

    /** {@return the name on the command line} */
    @Override
    public String toString() {
        return option;
    }

    /** Writes a value. */
    void print(Conf value, Io io) {
        byte[] text = switch (this) {
            case YAML -> ConfText.encode(YamlWriter.write(value));
            case JSON -> ConfText.encode(Json.compact(value) + "\n");
            case TEXT, JSON_PRETTY -> ConfText.encode(JsonPrinter.print(value, io.colours()) + "\n");
        };
        PrintStream out = io.out();
        out.write(text, 0, text.length);
        out.flush();
    }

    /**
     * {@return the format of that name}
     *
     * @throws TypeConversionException when there is none
     */
    static Format of(String text) {
        for (Format format : values()) {
            if (format.option.equals(text)) {
                return format;
            }
        }
        throw new TypeConversionException("\"" + text + "\" is none of " + String.join(", ", names()));
    }

    /** {@return the names on the command line} */
    static List<String> names() {
        List<String> names = new ArrayList<>();
        for (Format format : values()) {
            names.add(format.option);
        }
        return names;
    }
}
