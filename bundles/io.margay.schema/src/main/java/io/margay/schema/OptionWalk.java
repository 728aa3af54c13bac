// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Finds every option below a type. A type inside of itself is walked once. */
final class OptionWalk {
    private final ConfObject types;
    private final List<Option> found = new ArrayList<>();
    private final List<String> opened = new ArrayList<>();
    private final Set<String> open = new HashSet<>();

    OptionWalk(ConfObject types) {
        this.types = types;
    }

    List<Option> from(String type) {
        types.object(type).ifPresent(rule -> rule(rule, "", "", Optional.empty()));
        return found;
    }

    /** The places of what {@link #from} has found that names a file which main opens; with {@code *} as in options. */
    List<String> opened() {
        return opened;
    }

    private void rule(ConfObject rule, String path, String name, Optional<String> above) {
        Optional<String> reader = rule.string("reader").or(() -> above);
        Optional<String> ref = rule.string("ref");
        if (ref.isPresent()) {
            Optional<ConfObject> type = types.object(ref.get());
            if (type.isPresent() && open.add(ref.get())) {
                rule(type.get(), path, name, reader);
                open.remove(ref.get());
            }
            return;
        }
        if (rule.string("opens").isPresent()) {
            opened.add(path);
        }
        boolean inner = rule.has("members") || rule.has("values") || rule.has("variants") || rule.has("elements");
        if (!inner || isScalarToo(rule)) {
            found.add(new Option(path, name, reader));
        }
        rule.object("elements").ifPresent(element -> rule(element, path + "/*", name, reader));
        rule.object("values").ifPresent(value -> rule(value, path + "/*", name, reader));
        members(rule, path, reader);
        rule.object("variants").orElse(ConfObject.EMPTY).members().forEach((variant, told) ->
            members((ConfObject) told, path + "<" + variant + ">", ((ConfObject) told).string("reader")
                .or(() -> reader)));
    }

    private void members(ConfObject rule, String path, Optional<String> reader) {
        rule.object("members").orElse(ConfObject.EMPTY).members().forEach((name, member) ->
            rule((ConfObject) member, path + "/" + name, name, reader));
    }

    private static boolean isScalarToo(ConfObject rule) {
        List<String> kinds = rule.get("type").map(ValueRules::strings).orElse(List.of());
        return kinds.stream().anyMatch(kind -> !kind.equals("array") && !kind.equals("object"));
    }
}
