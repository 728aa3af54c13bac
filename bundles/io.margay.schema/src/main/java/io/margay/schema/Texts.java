// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.Map;
import java.util.Optional;

/**
 * The texts of one rule: its own, else the common ones. {@code {name}} stands for the member's name, {@code {value}}
 * for its text.
 */
final class Texts {
    private static final Map<String, String> COMMON = Map.of(
        "empty", "The \"{name}\" value must not be empty.",
        "null", "The \"{name}\" value must not contain null character.",
        "noElement", "The \"{name}\" array must contain at least one element.",
        "noMember", "The \"{name}\" object must contain at least one member.",
        "multiple", "The \"{name}\" number must be a multiple of the system page size (4096).",
        "enum", "The \"{name}\" value is not supported.",
        "pattern", "The \"{name}\" value is invalid.",
        "exclusive", "The \"{name}\" option is mutually exclusive with the \"{value}\" object.");

    private final Map<String, Conf> own;

    Texts(ConfObject rule) {
        this.own = rule.object("texts").map(ConfObject::members).orElse(Map.of());
    }

    /** The rule's own text, if it has one. */
    Optional<String> own(String key) {
        return own.get(key) instanceof ConfString text ? Optional.of(text.value()) : Optional.empty();
    }

    /** The problem with the rule's own text, else with the common one. */
    Invalid invalid(Subject at, String key) {
        return invalid(at, key, COMMON.get(key));
    }

    /** The problem with the rule's own text, else with the one given. */
    Invalid invalid(Subject at, String key, String otherwise) {
        String value = switch (at.value()) {
            case ConfString string -> string.value();
            case ConfNumber number -> number.text();
            default -> "";
        };
        return at.invalid(Words.fill(own(key).orElse(otherwise), at.name(), value));
    }
}
