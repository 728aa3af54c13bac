// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** All options known at one time, ready to validate; immutable, for any thread. */
public final class Schema {
    private static final String MEMBERS = "members";

    private final ConfObject types;
    private final Map<String, Rule> rules;
    private final Map<String, ConfObject> targets;
    private final Templates templates;

    /**
     * Compiles the union of schema files.
     *
     * @throws SchemaException when they do not fit together
     */
    static Schema of(List<SchemaFile> files) {
        Map<String, ConfObject> types = new LinkedHashMap<>();
        files.forEach(file -> types.putAll(file.types()));
        for (SchemaFile file : files) {
            // An extension of a type that no bundle defines waits until one does.
            file.extensions().forEach((name, extension) ->
                types.computeIfPresent(name, (same, type) -> extended(extended(type, extension, MEMBERS),
                    extension, "variants")));
        }
        Map<String, ConfObject> targets = new LinkedHashMap<>();
        files.forEach(file -> targets.putAll(file.targets()));
        return new Schema(types, targets, new Templates(files.stream().flatMap(f -> f.variables().stream()).toList(),
            files.stream().flatMap(f -> f.scripts().stream()).findFirst()));
    }

    private Schema(Map<String, ConfObject> types, Map<String, ConfObject> targets, Templates templates) {
        this.types = new ConfObject(new LinkedHashMap<String, Conf>(types));
        this.rules = new RuleCompiler(types).compile();
        this.targets = Map.copyOf(targets);
        this.templates = templates;
    }

    private static ConfObject extended(ConfObject type, ConfObject extension, String part) {
        Optional<ConfObject> more = extension.object(part);
        if (more.isEmpty()) {
            return type;
        }
        Map<String, Conf> members = new LinkedHashMap<>(type.object(part).orElse(ConfObject.EMPTY).members());
        more.get().members().forEach((name, rule) -> members.merge(name, rule, Schema::within));
        return type.with(part, new ConfObject(members));
    }

    /** A rule that only has members adds them to those of the object that is there already; another one replaces it. */
    private static Conf within(Conf there, Conf more) {
        return there instanceof ConfObject object && more instanceof ConfObject rule
            && rule.members().keySet().equals(Set.of(MEMBERS)) ? extended(object, rule, MEMBERS) : more;
    }

    /**
     * The first problem of a whole configuration, in the order of {@code spec/configuration.md §3}.
     *
     * @param root the configuration
     * @param facts what lies outside of it
     */
    public Optional<Problem> validate(Conf root, Facts facts) {
        if (!(root instanceof ConfObject object)) {
            return Optional.of(new Problem("The configuration must be an object, but not " + Kind.of(root).words()
                + ".",
                ConfPointer.ROOT, Optional.empty()));
        }
        Rule rule = rules.get("configuration");
        if (rule == null) {
            throw new IllegalStateException("No installed bundle has the schema of the configuration itself");
        }
        try {
            rule.validate(Subject.root(new Run(object, facts, targets, templates)));
            return Optional.empty();
        } catch (Invalid e) {
            return Optional.of(e.problem());
        }
    }

    /** Every option of the configuration, with who reads it. */
    public List<Option> options() {
        return new OptionWalk(types).from("configuration");
    }

    /**
     * The files that a configuration wants main to open for other processes: the strings of the options that a schema
     * marks with {@code opens}.
     *
     * @param root a valid configuration
     */
    public Set<String> filesToOpen(ConfObject root) {
        OptionWalk walk = new OptionWalk(types);
        walk.from("configuration");
        Set<String> files = new LinkedHashSet<>();
        walk.opened().forEach(place -> Places.strings(root, place, files));
        return files;
    }

    /** The rules by type name, as data, with every extension in place; for forms and descriptions. */
    public ConfObject types() {
        return types;
    }
}
