// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * The rules of all options as JSON Schema (draft 2020-12), for editors and descriptions of the API. It accepts whatever
 * {@link Schema#validate} accepts; it refuses less, since references between parts of a configuration, the syntax of
 * templates and most {@link Checks} cannot be said in it.
 */
public final class JsonSchema {

    /** What checks of texts and names demand, as far as a regular expression can say it. */
    private static final Map<String, String> CHECKS = Map.of(
        "listen-address", "^(unix:.{2,}|(\\*|\\[[0-9A-Fa-f:.]+\\]|[0-9]+(\\.[0-9]+){3}):[0-9]+)$",
        "server-address", "^(unix:.{2,}|(\\*|\\[[0-9A-Fa-f:.]+\\]|[0-9]+(\\.[0-9]+){3}):[0-9]+)$",
        "proxy-address", "^(https?|fastcgi)://",
        "prefix", "^/",
        "rootfs", "^/.",
        "header-name", "^[!#$%&'*+.^_`|~0-9A-Za-z-]+$",
        "environment-name", "^[^=\\u0000]+$");

    private final ConfObject types;
    private final Facts facts;
    private final String prefix;
    private final ConfObject.Builder schemas = ConfObject.builder();
    /** The variant whose members are described just now. */
    private Optional<ConfObject> inside = Optional.empty();

    private JsonSchema(Schema schema, Facts facts, String prefix) {
        this.types = schema.types();
        this.facts = facts;
        this.prefix = prefix;
    }

    /**
     * A schema for each named type, {@code configuration} among them, and for each variant of a type.
     *
     * @param schema the rules
     * @param facts options and languages that are not there are left out, but for values that ask for nothing
     * @param prefix of references between them, such as {@code #/components/schemas/}
     */
    public static ConfObject of(Schema schema, Facts facts, String prefix) {
        JsonSchema made = new JsonSchema(schema, facts, prefix);
        made.types.members().forEach((name, rule) -> made.schemas.put(name, made.rule((ConfObject) rule, name)));
        return made.schemas.build();
    }

    private boolean isRead(ConfObject rule) {
        return rule.string("reader").map(reader -> facts.reads(reader)
            && inside.map(variant -> RuleCompiler.takesPart(reader, variant)).orElse(true)).orElse(true);
    }

    /** What may stand for an option that nobody reads; nothing when it has no empty value. */
    private Optional<ConfObject> unread(ConfObject member) {
        ConfObject rule = member.string("ref").flatMap(types::object).orElse(member);
        List<Conf> empty = new ArrayList<>();
        for (String kind : strings(rule, "type")) {
            if (kind.equals("object") && !rule.bool("nonEmptyObject", false) && !needs(rule)) {
                empty.add(ConfObject.EMPTY);
            } else if (kind.equals("array") && !rule.bool("nonEmptyArray", false)) {
                empty.add(ConfArray.EMPTY);
            }
        }
        return empty.isEmpty() ? Optional.empty() : Optional.of(ConfObject.builder()
            .put("description", "No installed bundle supports it").put("enum", new ConfArray(empty)).build());
    }

    private static boolean needs(ConfObject rule) {
        return rule.object("members").orElse(ConfObject.EMPTY).members().values().stream()
            .anyMatch(member -> member instanceof ConfObject object && object.bool("required", false));
    }

    private ConfObject ref(String name) {
        return ConfObject.builder().put("$ref", prefix + name).build();
    }

    /** The schema of a rule; {@code name} is that of its type, or empty. */
    private ConfObject rule(ConfObject rule, String name) {
        Optional<String> ref = rule.string("ref");
        if (ref.isPresent()) {
            return described(rule, types.has(ref.get()) ? ref(ref.get()) : ConfObject.EMPTY);
        }
        if (rule.bool("single", false)) {
            ConfObject element = rule(rule.object("elements").orElse(ConfObject.EMPTY), "");
            ConfObject.Builder many = ConfObject.builder().put("type", "array").put("items", element);
            if (rule.bool("nonEmptyArray", false)) {
                many.put("minItems", 1);
            }
            List<Conf> either = List.of(element, many.build());
            return described(rule, ConfObject.builder().put("anyOf", new ConfArray(either)).build());
        }
        ConfObject.Builder schema = ConfObject.builder();
        rule.get("type").ifPresent(type -> schema.put("type", type));
        List<String> kinds = strings(rule, "type");
        if (kinds.contains("string")) {
            string(rule, schema);
        }
        number(rule, schema);
        if (kinds.contains("array")) {
            array(rule, kinds, schema);
        }
        if (kinds.contains("object")) {
            object(rule, name, schema);
        }
        return described(rule, schema.build());
    }

    private static ConfObject described(ConfObject rule, ConfObject schema) {
        ConfObject.Builder result = ConfObject.builder();
        rule.get("description").ifPresent(text -> result.put("description", text));
        schema.members().forEach(result::put);
        rule.get("default").ifPresent(value -> result.put("default", value));
        return result.build();
    }

    /** A template is tested as one instead of by what is said about constants. */
    private static void string(ConfObject rule, ConfObject.Builder schema) {
        if (rule.bool("template", false)) {
            return;
        }
        List<Conf> all = new ArrayList<>();
        if (rule.bool("noNull", false)) {
            all.add(pattern("^[^\\u0000]*$"));
        }
        rule.string("pattern").ifPresent(regex -> all.add(pattern("^(" + regex + ")$")));
        strings(rule, "check").stream().filter(CHECKS::containsKey).forEach(check ->
            all.add(pattern(CHECKS.get(check))));
        if (rule.array("enum").isPresent()) {
            words(rule, schema, all);
        }
        if (rule.bool("nonEmpty", false)) {
            schema.put("minLength", 1);
        }
        if (!all.isEmpty()) {
            schema.put("allOf", new ConfArray(all));
        }
    }

    /** An enumeration would be for values of every type; beside others and in any case it is a pattern. */
    private static void words(ConfObject rule, ConfObject.Builder schema, List<Conf> all) {
        boolean anyCase = rule.bool("anyCase", false);
        if (!anyCase && strings(rule, "type").equals(List.of("string"))) {
            schema.put("enum", rule.array("enum").orElseThrow());
            return;
        }
        StringBuilder regex = new StringBuilder("^(");
        String separator = "";
        for (String word : strings(rule, "enum")) {
            regex.append(separator);
            separator = "|";
            for (char c : word.toCharArray()) {
                boolean letter = anyCase && Character.isLetter(c);
                regex.append(letter ? "[" + Character.toLowerCase(c) + Character.toUpperCase(c) + "]" : quoted(c));
            }
        }
        all.add(pattern(regex.append(")$").toString()));
    }

    private static String quoted(char c) {
        return Character.isLetterOrDigit(c) ? String.valueOf(c) : String.format(Locale.ROOT, "\\u%04x", (int) c);
    }

    private static ConfObject pattern(String regex) {
        return ConfObject.builder().put("pattern", regex).build();
    }

    private static void number(ConfObject rule, ConfObject.Builder schema) {
        rule.get("min").ifPresent(min -> schema.put("minimum", min));
        rule.get("bound").or(() -> rule.get("max")).ifPresent(max -> schema.put("maximum", max));
        rule.get("multipleOf").ifPresent(step -> schema.put("multipleOf", step));
    }

    private void array(ConfObject rule, List<String> kinds, ConfObject.Builder schema) {
        if (rule.bool("nonEmptyArray", false)) {
            schema.put("minItems", 1);
        }
        Optional<ConfObject> elements = rule.object("elements");
        if (elements.isPresent()) {
            schema.put("items", rule(elements.get(), ""));
        } else if (kinds.contains("string")) {
            ConfObject.Builder element = ConfObject.builder().put("type", "string");
            string(rule.with("type", Conf.of("string")), element);
            schema.put("items", element.build());
        }
    }

    private void object(ConfObject rule, String name, ConfObject.Builder schema) {
        if (rule.bool("nonEmptyObject", false)) {
            schema.put("minProperties", 1);
        }
        rule.get("maxMembers").ifPresent(most -> schema.put("maxProperties", most));
        Optional<ConfObject> values = rule.object("values");
        if (values.isPresent()) {
            values(rule, values.get(), schema);
            return;
        }
        ConfObject members = rule.object("members").orElse(ConfObject.EMPTY);
        List<Conf> variants = variants(rule, name, members);
        if (!variants.isEmpty()) {
            List<Conf> others = rule.array("type").orElse(ConfArray.EMPTY).elements().stream()
                .filter(kind -> !kind.equals(Conf.of("object"))).toList();
            if (!others.isEmpty()) {
                variants.add(ConfObject.builder().put("type", new ConfArray(others)).build());
            }
            schema.put("oneOf", new ConfArray(variants));
        } else if (!rule.has("variants")) {
            members(members, List.of(), schema);
        }
        List<Conf> some = strings(rule, "someOf").stream().map(JsonSchema::required).map(Conf.class::cast).toList();
        if (!some.isEmpty()) {
            schema.put("anyOf", new ConfArray(some));
        }
        List<String> needs = strings(rule, "needs");
        if (!needs.isEmpty()) {
            schema.put("allOf", new ConfArray(needs.stream().map(JsonSchema::required).map(Conf.class::cast).toList()));
        }
    }

    private void values(ConfObject rule, ConfObject values, ConfObject.Builder schema) {
        List<Conf> names = new ArrayList<>();
        if (rule.object("texts").filter(texts -> texts.has("emptyName")).isPresent()) {
            names.add(ConfObject.builder().put("minLength", 1).build());
        }
        strings(rule, "names").stream().filter(CHECKS::containsKey).forEach(check ->
            names.add(pattern(CHECKS.get(check))));
        if (!names.isEmpty()) {
            schema.put("propertyNames", ConfObject.builder().put("allOf", new ConfArray(names)).build());
        }
        schema.put("additionalProperties", rule(values, ""));
    }

    /** Each variant is a schema of its own; of a type that none has, they stand inside. */
    private List<Conf> variants(ConfObject rule, String name, ConfObject members) {
        List<Conf> all = new ArrayList<>();
        boolean byType = rule.string("choice").orElse("").equals("type");
        rule.object("variants").orElse(ConfObject.EMPTY).members().entrySet().stream()
            .sorted(Comparator.comparingLong(entry -> ((ConfObject) entry.getValue()).integer("order", 1000)))
            .forEach(entry -> {
                ConfObject variant = (ConfObject) entry.getValue();
                List<String> words = new ArrayList<>(List.of(entry.getKey()));
                words.addAll(strings(variant, "aliases"));
                if (byType && words.stream().noneMatch(facts.modules()::has) || !isRead(variant)) {
                    return;
                }
                ConfObject.Builder schema = ConfObject.builder().put("type", "object");
                ConfObject.Builder both = ConfObject.builder();
                variant.object("members").orElse(ConfObject.EMPTY).members().forEach(both::put);
                members.members().forEach(both::put);
                if (byType) {
                    // A version may follow.
                    both.put("type", ConfObject.builder().put("type", "string").put("pattern",
                        "(" + String.join("|", words) + ")([ 0-9].*)?").build());
                }
                Optional<ConfObject> around = inside;
                inside = Optional.of(variant);
                members(both.build(), List.of(byType ? "type" : entry.getKey()), schema);
                inside = around;
                if (name.isEmpty()) {
                    all.add(schema.build());
                } else {
                    String own = name + "-" + entry.getKey();
                    schemas.put(own, schema.build());
                    all.add(ref(own));
                }
            });
        return all;
    }

    private void members(ConfObject members, List<String> needed, ConfObject.Builder schema) {
        ConfObject.Builder properties = ConfObject.builder();
        List<String> required = new ArrayList<>(needed);
        List<Conf> exclusive = new ArrayList<>();
        members.members().forEach((name, value) -> {
            ConfObject member = (ConfObject) value;
            if (member.string("ref").filter(ref -> !types.has(ref)).isPresent()) {
                return;
            }
            if (!isRead(member)) {
                unread(member).ifPresent(empty -> properties.put(name, empty));
                return;
            }
            properties.put(name, rule(member, ""));
            List<String> unless = RuleCompiler.words(member, "unless");
            // Where the other is, or where this one is not.
            member.string("beside").ifPresent(other -> exclusive.add(ConfObject.builder().put("anyOf", new ConfArray(
                List.of(required(other), ConfObject.builder().put("not", required(name)).build()))).build()));
            boolean must = member.bool("required", false);
            if (unless.isEmpty()) {
                if (must && !required.contains(name)) {
                    required.add(name);
                }
                return;
            }
            // Exactly one of the two, or at most one.
            unless.forEach(other -> exclusive.add(must
                ? ConfObject.builder().put("oneOf", new ConfArray(List.of(required(name), required(other)))).build()
                : ConfObject.builder().put("not", required(name, other)).build()));
        });
        schema.put("properties", properties.build());
        if (!required.isEmpty()) {
            schema.put("required", texts(required));
        }
        if (!exclusive.isEmpty()) {
            schema.put("allOf", new ConfArray(exclusive));
        }
        schema.put("additionalProperties", false);
    }

    private static ConfObject required(String... names) {
        return ConfObject.builder().put("required", texts(List.of(names))).build();
    }

    private static ConfArray texts(List<String> words) {
        return new ConfArray(words.stream().map(Conf::of).map(Conf.class::cast).toList());
    }

    private static List<String> strings(ConfObject rule, String key) {
        Optional<Conf> value = rule.get(key);
        return value.filter(ConfString.class::isInstance).isPresent() || value.filter(ConfArray.class::isInstance)
            .isPresent() ? ValueRules.strings(value.get()) : List.of();
    }
}
