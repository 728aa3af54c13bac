// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** The types that texts tell apart, in the order in which texts list them. */
enum Kind {
    NULL("a null"), BOOLEAN("a boolean"), INTEGER("an integer number"), FRACTION("a fractional number"),
    STRING("a string"), ARRAY("an array"), OBJECT("an object");

    private final String words;

    Kind(String words) {
        this.words = words;
    }

    static Kind of(Conf value) {
        return switch (value) {
            case ConfNull ignored -> NULL;
            case ConfBoolean ignored -> BOOLEAN;
            case ConfNumber number -> number.isInteger() ? INTEGER : FRACTION;
            case ConfString ignored -> STRING;
            case ConfArray ignored -> ARRAY;
            case ConfObject ignored -> OBJECT;
        };
    }

    /** The kinds that a word of the schema language stands for. */
    static Set<Kind> named(String word) {
        return switch (word) {
            case "null" -> EnumSet.of(NULL);
            case "boolean" -> EnumSet.of(BOOLEAN);
            case "integer" -> EnumSet.of(INTEGER);
            case "number" -> EnumSet.of(INTEGER, FRACTION);
            case "string" -> EnumSet.of(STRING);
            case "array" -> EnumSet.of(ARRAY);
            case "object" -> EnumSet.of(OBJECT);
            default -> throw new SchemaException("unknown type \"" + word + "\"");
        };
    }

    String words() {
        return words;
    }

    /** {@code a string}, {@code either a string or an array}, {@code either a, b, or c}. */
    static String expected(Set<Kind> kinds) {
        List<String> words = kinds.stream().map(Kind::words).toList();
        return words.size() == 1 ? words.getFirst() : "either " + Words.list(words);
    }
}
