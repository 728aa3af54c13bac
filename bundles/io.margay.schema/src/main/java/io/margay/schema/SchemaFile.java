// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The content of one schema file.
 *
 * @param types rules by name
 * @param extensions members and variants for types of this or another file
 * @param targets destinations of {@code pass} by their first word
 * @param variables names of variables that templates may use
 * @param scripts the reader that evaluates templates in JavaScript
 */
record SchemaFile(Map<String, ConfObject> types, Map<String, ConfObject> extensions, Map<String, ConfObject> targets,
                  List<String> variables, Optional<String> scripts) {
    private static final Set<String> PARTS = Set.of("types", "extend", "targets", "variables", "scripts");
    private static final Set<String> EXTENDABLE = Set.of("members", "variants");
    private static final Set<String> TARGET = Set.of("in", "parts", "reader", "description");

    static SchemaFile parse(byte[] json) {
        Conf root;
        try {
            root = ConfParser.parse(json);
        } catch (ConfSyntaxException e) {
            throw new SchemaException(e.detail() + " (line " + e.line() + ", column " + e.column() + ")", e);
        }
        if (!(root instanceof ConfObject file) || !PARTS.containsAll(file.members().keySet())) {
            throw new SchemaException("a schema file is an object with the members " + PARTS);
        }
        Map<String, ConfObject> extensions = rules(file, "extend");
        extensions.forEach((name, extension) -> {
            if (!EXTENDABLE.containsAll(extension.members().keySet())) {
                throw new SchemaException("type \"" + name + "\" can be extended by " + EXTENDABLE + " only");
            }
            EXTENDABLE.forEach(part -> extension.object(part).orElse(ConfObject.EMPTY).members().forEach(
                (option, rule) -> requireReader(name, option, requireObject(option, rule))));
        });
        Map<String, ConfObject> targets = rules(file, "targets");
        targets.forEach((kind, target) -> {
            if (target.string("reader").isEmpty() || !TARGET.containsAll(target.members().keySet())) {
                throw new SchemaException("destination \"" + kind + "\" needs a \"reader\" and may have " + TARGET);
            }
        });
        return new SchemaFile(rules(file, "types"), extensions, targets,
            file.get("variables").map(ValueRules::strings).orElse(List.of()), file.string("scripts"));
    }

    private static Map<String, ConfObject> rules(ConfObject file, String part) {
        Map<String, ConfObject> rules = new LinkedHashMap<>();
        if (file.get(part).filter(value -> !(value instanceof ConfObject)).isPresent()) {
            throw new SchemaException("\"" + part + "\" is not an object");
        }
        file.object(part).orElse(ConfObject.EMPTY).members()
            .forEach((name, value) -> rules.put(name, requireObject(name, value)));
        return rules;
    }

    /** What a bundle adds to the options of another would be accepted and ignored if it did not say who reads it. */
    private static void requireReader(String type, String option, ConfObject rule) {
        if (!isClaimed(rule)) {
            throw new SchemaException("the option \"" + option + "\" that is added to \"" + type
                + "\" names no \"reader\"");
        }
    }

    private static boolean isClaimed(ConfObject rule) {
        if (rule.string("reader").isPresent()) {
            return true;
        }
        ConfObject members = rule.object("members").orElse(ConfObject.EMPTY);
        boolean onlyMembers = !rule.has("ref") && !rule.has("values") && !rule.has("variants") && !members.isEmpty()
            && rule.get("type").map(type -> ValueRules.strings(type).equals(List.of("object"))).orElse(true);
        return onlyMembers && members.members().values().stream()
            .allMatch(member -> member instanceof ConfObject inner && isClaimed(inner));
    }

    private static ConfObject requireObject(String name, Conf value) {
        if (!(value instanceof ConfObject object)) {
            throw new SchemaException("\"" + name + "\" is not an object");
        }
        return object;
    }
}
