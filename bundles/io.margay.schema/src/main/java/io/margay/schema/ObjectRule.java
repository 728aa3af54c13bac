// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tests an object: the choice of its variant, required members, each member, and what holds between them. */
final class ObjectRule implements Rule {

    /** A known member, whether only objects are allowed, what it must not be beside, and what it must be beside. */
    record Member(Rule rule, boolean required, boolean object, List<String> unless, Optional<String> beside) {
    }

    /** Known members, and the names of those that must be there. */
    record Members(Map<String, Member> known, List<String> required) {

        static Members of(Map<String, Member> known) {
            return new Members(known, known.entrySet().stream().filter(member -> member.getValue().required())
                .map(Map.Entry::getKey).toList());
        }
    }

    /** A way in which an object may be filled: its own members, then the common ones. Texts may leave its name out. */
    record Variant(List<String> aliases, Members members, Optional<String> reader, boolean unlisted) {
    }

    /** How one of the variants is chosen. */
    enum Choice {
        /** There is one. */
        NONE,
        /** Exactly one member is named like a variant. */
        MEMBER,
        /** The {@code type} member begins with the variant's word. */
        TYPE
    }

    private final Texts texts;
    private final Choice choice;
    private final Members common;
    private final Map<String, Variant> variants;
    private final Optional<Rule> values;
    private final List<Rule> names;
    private final boolean nonEmpty;
    private final long most;
    private final List<String> someOf;
    private final List<String> needs;
    private final List<Rule> afterwards;
    private final Optional<String> extension;

    ObjectRule(ConfObject definition, Texts texts, Members common, Map<String, Variant> variants,
            Optional<Rule> values) {
        this.texts = texts;
        this.choice = choice(definition);
        this.common = common;
        this.variants = variants;
        this.values = values;
        this.names = Checks.named(definition.get("names"));
        this.afterwards = Checks.named(definition.get("then"));
        this.nonEmpty = definition.bool("nonEmptyObject", false);
        this.most = definition.integer("maxMembers", Long.MAX_VALUE);
        this.someOf = definition.get("someOf").map(ValueRules::strings).orElse(List.of());
        this.needs = definition.get("needs").map(ValueRules::strings).orElse(List.of());
        this.extension = definition.string("extension");
    }

    private static Choice choice(ConfObject definition) {
        return switch (definition.string("choice").orElse("")) {
            case "" -> Choice.NONE;
            case "member" -> Choice.MEMBER;
            case "type" -> Choice.TYPE;
            default -> throw new SchemaException("unknown choice \"" + definition.string("choice").orElse("") + "\"");
        };
    }

    @Override
    public void validate(Subject at) throws Invalid {
        ConfObject object = at.object();
        if (choice == Choice.TYPE && at.run().facts().leftOut(at.name())) {
            return;
        }
        counts(at);
        if (values.isPresent()) {
            values(at, values.get());
        } else {
            Members members = members(at);
            required(at, members);
            for (Map.Entry<String, Conf> present : object.members().entrySet()) {
                member(at, members, present.getKey(), present.getValue());
            }
        }
        for (Rule rule : afterwards) {
            rule.validate(at);
        }
    }

    private static void required(Subject at, Members members) throws Invalid {
        for (String name : members.required()) {
            if (!at.object().has(name) && !replaced(members.known().get(name), at.object())) {
                throw at.invalid("Required parameter \"" + name + "\" is missing.");
            }
        }
    }

    private void counts(Subject at) throws Invalid {
        ConfObject object = at.object();
        if (nonEmpty && object.isEmpty()) {
            throw texts.invalid(at, "noMember");
        }
        if (object.size() > most) {
            throw at.invalid("The \"" + at.name() + "\" object must not contain more than " + most + " members.");
        }
        if (!someOf.isEmpty() && someOf.stream().noneMatch(object::has)) {
            throw at.invalid("The \"" + at.name() + "\" object must have either " + Words.quotedList(someOf)
                + " option set.");
        }
        for (String need : needs) {
            if (!object.has(need)) {
                throw texts.invalid(at, "needs");
            }
        }
    }

    private static boolean replaced(Member member, ConfObject object) {
        return member.unless().stream().anyMatch(object::has);
    }

    private static void member(Subject at, Members members, String name, Conf value) throws Invalid {
        Member known = members.known().get(name);
        if (known == null) {
            throw at.unknown(name, Words.nearest(name, members.known().keySet()));
        }
        Subject member = at.member(name, value);
        for (String other : known.unless()) {
            if (at.object().has(other)) {
                throw member.invalid("The \"" + name + "\" option is mutually exclusive with the \"" + other + "\" "
                    + (members.known().get(other).object() ? "object." : "option."));
            }
        }
        if (known.beside().filter(other -> !at.object().has(other)).isPresent()) {
            throw member.invalid("The \"" + name + "\" option is only of use beside the \""
                + known.beside().get() + "\" option.");
        }
        known.rule().validate(member);
    }

    private void values(Subject at, Rule rule) throws Invalid {
        for (Map.Entry<String, Conf> present : at.object().members().entrySet()) {
            Subject value = at.member(present.getKey(), present.getValue());
            if (present.getKey().isEmpty() && texts.own("emptyName").isPresent()) {
                throw value.invalid(texts.own("emptyName").get());
            }
            for (Rule name : names) {
                name.validate(value);
            }
            rule.validate(value);
        }
    }

    private Members members(Subject at) throws Invalid {
        return switch (choice) {
            case NONE -> common;
            case MEMBER -> {
                String member = onlyMember(at);
                yield claimed(at.member(member, at.object().get(member).orElseThrow()), member);
            }
            case TYPE -> {
                String type = typed(at);
                yield claimed(at.member("type", at.object().get("type").orElseThrow()), type);
            }
        };
    }

    /** The members of a variant that somebody reads. */
    private Members claimed(Subject chooser, String name) throws Invalid {
        Variant variant = variants.get(name);
        if (variant.reader().isPresent() && !chooser.run().facts().reads(variant.reader().get())) {
            throw chooser.unsupported(name, variant.reader().get());
        }
        return variant.members();
    }

    private String onlyMember(Subject at) throws Invalid {
        String found = null;
        for (String variant : variants.keySet()) {
            if (at.object().has(variant)) {
                if (found != null) {
                    throw at.invalid(words(at, "just one of", "options set."));
                }
                found = variant;
            }
        }
        if (found == null) {
            throw extension.isPresent() ? unextended(at, extension.get())
                : at.invalid(words(at, "either", "option set."));
        }
        return found;
    }

    /** Each variant is an extension of one kind: what has none is of a bundle that is not there, or a slip. */
    private Invalid unextended(Subject at, String kind) {
        Optional<Map.Entry<String, Conf>> member = at.object().members().entrySet().stream().findFirst();
        if (member.isEmpty()) {
            return texts.invalid(at, "noMember");
        }
        String name = member.get().getKey();
        Optional<String> meant = Words.nearest(name, variants.keySet());
        return meant.isPresent() ? at.unknown(name, meant)
            : at.member(name, member.get().getValue()).unsupported(name, kind + ":" + name);
    }

    private String words(Subject at, String how, String end) {
        String own = texts.own("object").orElse(at.name());
        return "The \"" + own + "\" object must have " + how + " "
            + Words.quotedList(variants.keySet().stream().filter(name -> !variants.get(name).unlisted()).toList()) + " "
            + end;
    }

    private String typed(Subject at) throws Invalid {
        Optional<Conf> type = at.object().get("type");
        if (type.isEmpty()) {
            throw texts.invalid(at, "noType");
        }
        Subject member = at.member("type", type.get());
        if (!(type.get() instanceof ConfString text)) {
            throw member.invalid(RuleCompiler.typeError(member, EnumSet.of(Kind.STRING)));
        }
        String word = text.value().split("[ 0-9]", 2)[0];
        for (Map.Entry<String, Variant> variant : variants.entrySet()) {
            boolean meant = variant.getKey().equals(word) || variant.getValue().aliases().contains(word);
            if (meant && at.run().facts().modules().has(text.value())) {
                return variant.getKey();
            }
        }
        throw texts.invalid(member, "badType");
    }
}
