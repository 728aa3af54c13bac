// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Turns the rules of schema files into code that tests values. */
final class RuleCompiler {
    private static final Set<String> KEYS = Set.of("type", "ref", "required", "unless", "beside", "template",
        "check", "nonEmpty", "noNull", "enum", "anyCase", "pattern", "min", "max", "multipleOf", "elements",
        "single", "nonEmptyArray", "members", "variants", "choice", "values", "names", "then", "someOf", "needs",
        "nonEmptyObject", "maxMembers", "texts", "default", "description", "order", "aliases", "reader", "bound",
        "opens", "memberOf", "extension");

    private static final String WIRE = "wire:";

    private final Map<String, ConfObject> types;
    private final Map<String, Rule> compiled = new HashMap<>();
    /** The variant whose members are compiled just now, by its name. */
    private Optional<Map.Entry<String, Conf>> inside = Optional.empty();

    RuleCompiler(Map<String, ConfObject> types) {
        this.types = types;
    }

    /** Compiles every named type. */
    Map<String, Rule> compile() {
        types.forEach((name, definition) -> {
            try {
                compiled.put(name, rule(definition));
            } catch (SchemaException e) {
                throw new SchemaException("type \"" + name + "\": " + e.getMessage(), e);
            }
        });
        return compiled;
    }

    private Rule rule(ConfObject definition) {
        for (String key : definition.members().keySet()) {
            if (!KEYS.contains(key)) {
                throw new SchemaException("unknown key \"" + key + "\"");
            }
        }
        Rule rule = unclaimed(definition);
        return definition.string("reader").map(reader -> claimed(reader, rule)).orElse(rule);
    }

    /** Whether what reads an option has a part in the objects of a variant: a wire has only where it is the one. */
    static boolean takesPart(String reader, ConfObject variant) {
        return !reader.startsWith(WIRE) || variant.string("wire").filter(reader.substring(WIRE.length())::equals)
            .isPresent();
    }

    /** What nobody reads is refused before it is looked into; what is empty asks for nothing. */
    private Rule claimed(String reader, Rule rule) {
        Optional<String> foreign = inside.filter(entry -> !takesPart(reader, (ConfObject) entry.getValue()))
            .map(Map.Entry::getKey);
        return at -> {
            if (!isEmpty(at.value())) {
                if (!at.run().facts().reads(reader)) {
                    throw at.unsupported(at.name(), reader);
                }
                if (foreign.isPresent()) {
                    throw at.foreign(at.name(), foreign.get(), reader);
                }
            }
            rule.validate(at);
        };
    }

    private static boolean isEmpty(Conf value) {
        return switch (value) {
            case ConfObject object -> object.isEmpty();
            case ConfArray array -> array.elements().isEmpty();
            case ConfString text -> text.value().isEmpty();
            default -> false;
        };
    }

    private Rule unclaimed(ConfObject definition) {
        Optional<String> ref = definition.string("ref");
        if (ref.isPresent()) {
            if (!types.containsKey(ref.get())) {
                throw new SchemaException("unknown type \"" + ref.get() + "\"");
            }
            // Looked up late, since types may contain themselves.
            return at -> compiled.get(ref.get()).validate(at);
        }
        Texts texts = new Texts(definition);
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        definition.get("type").ifPresent(type -> ValueRules.strings(type).forEach(w -> kinds.addAll(Kind.named(w))));
        if (kinds.isEmpty()) {
            throw new SchemaException("a rule has no type");
        }
        Map<Kind, List<Rule>> tests = tests(definition, texts, kinds);
        boolean template = definition.bool("template", false);
        List<Rule> always = template ? Checks.named(definition.get("check").filter(RuleCompiler::isHeaderCheck))
            : List.of();
        return at -> {
            if (template && at.value() instanceof ConfString text && Templates.isTemplate(text.value())) {
                at.run().templates().check(at);
                for (Rule rule : always) {
                    rule.validate(at);
                }
                return;
            }
            Kind kind = Kind.of(at.value());
            if (!kinds.contains(kind)) {
                throw texts.invalid(at, "type", typeError(at, kinds));
            }
            for (Rule test : tests.getOrDefault(kind, List.of())) {
                test.validate(at);
            }
        };
    }

    /** The literal parts of a template in a header are tested like constants. */
    private static boolean isHeaderCheck(Conf check) {
        return check instanceof ConfString name && name.value().equals("header-value");
    }

    static String typeError(Subject at, Set<Kind> kinds) {
        return "The \"" + at.name() + "\" value must be " + Kind.expected(kinds) + ", but not "
            + Kind.of(at.value()).words() + ".";
    }

    private Map<Kind, List<Rule>> tests(ConfObject definition, Texts texts, Set<Kind> kinds) {
        Map<Kind, List<Rule>> tests = new EnumMap<>(Kind.class);
        tests.put(Kind.STRING, ValueRules.ofString(definition, texts));
        List<Rule> numbers = ValueRules.ofNumber(definition, texts);
        tests.put(Kind.INTEGER, numbers);
        tests.put(Kind.FRACTION, numbers);
        Optional<ConfObject> elements = elements(definition, kinds);
        Optional<Rule> element = elements.map(this::rule);
        if (kinds.contains(Kind.ARRAY)) {
            boolean nonEmpty = definition.bool("nonEmptyArray", false);
            boolean objectsOnly = texts.own("element").isPresent()
                && definition.object("elements").filter(told -> told.has("ref")).isPresent();
            tests.put(Kind.ARRAY, List.of(at -> array(at, nonEmpty, objectsOnly, texts, element)));
        }
        if (kinds.contains(Kind.OBJECT)) {
            tests.put(Kind.OBJECT, List.of(definition.bool("single", false) ? element.orElseThrow()
                : object(definition, texts)));
        }
        return tests;
    }

    /** What array elements must be: as told, or the strings that may stand instead of the array. */
    private static Optional<ConfObject> elements(ConfObject definition, Set<Kind> kinds) {
        Optional<ConfObject> told = definition.object("elements");
        ConfObject element = told.orElse(definition).without("unless").without("beside").without("required")
            .without("nonEmptyArray");
        if (!kinds.contains(Kind.ARRAY)) {
            return Optional.empty();
        }
        if (told.isEmpty()) {
            if (!kinds.contains(Kind.STRING)) {
                return Optional.empty();
            }
            element = element.with("type", Conf.of("string"));
        }
        if (element.has("ref")) {
            return Optional.of(element);
        }
        ConfObject texts = element.object("texts").orElse(ConfObject.EMPTY);
        String words = new Texts(definition).own("element").orElse("The \"{name}\" array must contain only "
            + element.string("type").orElse("valid") + " values.");
        return Optional.of(element.with("texts", texts.with("type", Conf.of(words))));
    }

    private static void array(Subject at, boolean nonEmpty, boolean objectsOnly, Texts texts, Optional<Rule> element)
            throws Invalid {
        List<Conf> values = ((ConfArray) at.value()).elements();
        if (nonEmpty && values.isEmpty()) {
            throw texts.invalid(at, "noElement");
        }
        if (element.isPresent()) {
            for (int i = 0; i < values.size(); i++) {
                Subject each = at.element(i, values.get(i));
                if (objectsOnly && !(each.value() instanceof ConfObject)) {
                    throw texts.invalid(each, "element");
                }
                element.get().validate(each);
            }
        }
    }

    private ObjectRule object(ConfObject definition, Texts texts) {
        Map<String, ObjectRule.Member> common = members(definition);
        Map<String, ObjectRule.Variant> variants = new LinkedHashMap<>();
        ConfObject told = definition.object("variants").orElse(ConfObject.EMPTY);
        told.members().entrySet().stream()
            .sorted(Comparator.comparingLong(entry -> ((ConfObject) entry.getValue()).integer("order", 1000)))
            .forEach(entry -> variants.put(entry.getKey(), variant(entry, definition)));
        return new ObjectRule(definition, texts, ObjectRule.Members.of(common), variants,
            definition.object("values").map(this::rule));
    }

    /** The common members are compiled for each variant, since a wire may read some of them. */
    private ObjectRule.Variant variant(Map.Entry<String, Conf> variant, ConfObject whole) {
        ConfObject definition = (ConfObject) variant.getValue();
        Optional<Map.Entry<String, Conf>> around = inside;
        inside = Optional.of(variant);
        Map<String, ObjectRule.Member> members = members(definition);
        members.putAll(members(whole));
        inside = around;
        return new ObjectRule.Variant(definition.get("aliases").map(ValueRules::strings).orElse(List.of()),
            ObjectRule.Members.of(members), definition.string("reader"), definition.bool("unlisted", false));
    }

    private Map<String, ObjectRule.Member> members(ConfObject definition) {
        Map<String, ObjectRule.Member> members = new LinkedHashMap<>();
        definition.object("members").orElse(ConfObject.EMPTY).members().forEach((name, value) -> {
            if (!(value instanceof ConfObject rule)) {
                throw new SchemaException("the rule of \"" + name + "\" is not an object");
            }
            Optional<String> ref = rule.string("ref");
            if (ref.isEmpty() || types.containsKey(ref.get())) {
                members.put(name, member(name, rule));
            }
        });
        return members;
    }

    /** One word, or an array of them; none when it is absent. */
    static List<String> words(ConfObject rule, String key) {
        if (rule.get(key).orElse(ConfArray.EMPTY) instanceof ConfArray several) {
            return several.elements().stream().map(word -> ((ConfString) word).value()).toList();
        }
        return rule.string(key).stream().toList();
    }

    private ObjectRule.Member member(String name, ConfObject rule) {
        try {
            return new ObjectRule.Member(rule(rule), rule.bool("required", false),
                rule.string("type").filter("object"::equals).isPresent(), words(rule, "unless"),
                rule.string("beside"));
        } catch (SchemaException e) {
            throw new SchemaException("\"" + name + "\": " + e.getMessage(), e);
        }
    }
}
