// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.regex.PatternSyntaxException;

/** Makes the tests of strings and numbers that the schema language offers as data. */
final class ValueRules {

    private ValueRules() {
    }

    /** The tests that a string must pass, in order. */
    static List<Rule> ofString(ConfObject rule, Texts texts) {
        List<Rule> tests = new ArrayList<>();
        if (rule.bool("nonEmpty", false)) {
            tests.add(at -> fail(at.text().isEmpty(), at, texts, "empty"));
        }
        if (rule.bool("noNull", false)) {
            tests.add(at -> fail(at.text().indexOf('\0') >= 0, at, texts, "null"));
        }
        rule.array("enum").ifPresent(words -> {
            List<String> allowed = strings(words);
            boolean anyCase = rule.bool("anyCase", false);
            tests.add(at -> {
                String text = anyCase ? at.text().toLowerCase(Locale.ROOT) : at.text();
                fail(!allowed.contains(text), at, texts, "enum");
            });
        });
        rule.string("pattern").ifPresent(regex -> {
            Pattern pattern = compile(regex);
            tests.add(at -> fail(!pattern.matcher(at.text()).matches(), at, texts, "pattern"));
        });
        rule.object("memberOf").ifPresent(told -> tests.add(PassChecks.memberOf(told, texts)));
        tests.addAll(Checks.named(rule.get("check")));
        return tests;
    }

    /** The tests that a number must pass, in order. */
    static List<Rule> ofNumber(ConfObject rule, Texts texts) {
        List<Rule> tests = new ArrayList<>();
        number(rule, "min").ifPresent(min -> tests.add(at -> {
            if (value(at) < min.doubleValue()) {
                throw texts.invalid(at, "min", min.doubleValue() == 0 ? "The \"{name}\" number must not be negative."
                    : "The \"{name}\" number must be equal to or greater than " + min.text() + ".");
            }
        }));
        number(rule, "max").ifPresent(max -> tests.add(at -> {
            if (value(at) > max.doubleValue()) {
                throw texts.invalid(at, "max", "The \"{name}\" number must not exceed " + max.text() + ".");
            }
        }));
        number(rule, "bound").ifPresent(bound -> tests.add(at -> {
            if (value(at) > bound.doubleValue()) {
                throw texts.invalid(at, "bound", "The \"{name}\" number is more than this server can bear: it must not "
                    + "exceed " + bound.text() + ".");
            }
        }));
        number(rule, "multipleOf").ifPresent(step ->
            tests.add(at -> fail(value(at) % step.doubleValue() != 0, at, texts, "multiple")));
        if (!rule.get("type").map(type -> strings(type).contains("string")).orElse(false)) {
            tests.addAll(Checks.named(rule.get("check")));
        }
        return tests;
    }

    private static double value(Subject at) {
        return ((ConfNumber) at.value()).doubleValue();
    }

    private static void fail(boolean bad, Subject at, Texts texts, String key) throws Invalid {
        if (bad) {
            throw texts.invalid(at, key);
        }
    }

    static Optional<ConfNumber> number(ConfObject rule, String key) {
        return rule.get(key).filter(ConfNumber.class::isInstance).map(ConfNumber.class::cast);
    }

    /** The strings of an array or the one string of a schema file. */
    static List<String> strings(Conf value) {
        List<String> strings = new ArrayList<>();
        for (Conf element : value instanceof ConfArray array ? array.elements() : List.of(value)) {
            if (!(element instanceof ConfString string)) {
                throw new SchemaException("a list of strings holds something else");
            }
            strings.add(string.value());
        }
        return strings;
    }

    private static Pattern compile(String regex) {
        try {
            return Pattern.compile(regex);
        } catch (PatternSyntaxException e) {
            throw new SchemaException("bad pattern \"" + regex + "\"", e);
        }
    }
}
