// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The content of one schema file.
 *
 * @param types rules by name
 * @param extensions members and variants for types of this or another file
 * @param variables names of variables that templates may use
 */
record SchemaFile(Map<String, ConfObject> types, Map<String, ConfObject> extensions, List<String> variables) {
    private static final Set<String> PARTS = Set.of("types", "extend", "variables");
    private static final Set<String> EXTENDABLE = Set.of("members", "variants");

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
            extension.object("variants").orElse(ConfObject.EMPTY).members().forEach(SchemaFile::requireObject);
        });
        return new SchemaFile(rules(file, "types"), extensions,
            file.get("variables").map(ValueRules::strings).orElse(List.of()));
    }

    private static Map<String, ConfObject> rules(ConfObject file, String part) {
        Map<String, ConfObject> rules = new LinkedHashMap<>();
        file.object(part).orElse(ConfObject.EMPTY).members()
            .forEach((name, value) -> rules.put(name, requireObject(name, value)));
        return rules;
    }

    private static ConfObject requireObject(String name, Conf value) {
        if (!(value instanceof ConfObject object)) {
            throw new SchemaException("\"" + name + "\" is not an object");
        }
        return object;
    }
}
