// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes configurations by the schemas of all bundles, so that every option occurs, a new one too: mostly as the rules
 * want it, now and then in another way.
 */
final class Grammar {
    private static final int DEEPEST = 12;
    private static final String[] TEXTS = {"", "$", "$uri", "${host}x", "$arg_a", "${", "`x`", "`${", "*", "**", "!",
        "!~(",
        "~^/a(?<n>b)[[:alpha:]]$", "~(a*)*$", "%", "%41", "%zz", "a/b/c", "\0", "/", "/../", "é", "\udcff", "a\r\nb",
        "routes", "routes/a", "applications/a", "applications/a/t", "upstreams/u", "http://127.0.0.1:80", "http://x",
        "127.0.0.1:80", "*:80", "[::1]:80", "unix:/a", "10.0.0.0/8", "10.0.0.1-10.0.0.9:1-9", "::/0", "!unix", "[::",
        "python", "python 3.11", "php", "external", "java", "node", "http", "https", "gzip", "wsgi", ".html",
        "text/html", "AAAA", "good", "text/*"};
    private static final Map<String, String[]> NAMES = Map.of(
        "listen-address", new String[] {"*:80", "127.0.0.1:8080", "[::1]:1", "unix:/a", "80"},
        "server-address", new String[] {"127.0.0.1:80", "[::1]:80", "unix:/a", "x"},
        "header-name", new String[] {"X-A", "content-length", "a b", "", "Server"},
        "environment-name", new String[] {"A", "", "=", "PATH"},
        "argument-name", new String[] {"a", "a%20b", "%", ""});
    private static final String[] ANY_NAME = {"a", "t", "u", "b", "", "é", "type", "x/y", "0"};

    private final Map<String, Conf> types;
    private final FuzzedDataProvider data;

    Grammar(Schema schema, FuzzedDataProvider data) {
        this.types = schema.types().members();
        this.data = data;
    }

    /** A whole configuration. */
    Conf configuration() {
        return value((ConfObject) types.get("configuration"), "", 0);
    }

    /** A value that most rules refuse and some do not. */
    Conf anything() {
        return switch (data.consumeInt(0, 9)) {
            case 0 -> ConfNull.NULL;
            case 1 -> Conf.of(data.consumeBoolean());
            case 2 -> Conf.of(data.consumeLong());
            case 3 -> new ConfNumber(data.pickValue(new String[] {"1.5", "-0", "1e3", "0.1e1", "-1", "1e18", "4096"}));
            case 4 -> ConfArray.EMPTY;
            case 5 -> ConfObject.EMPTY;
            case 6 -> Conf.of(ConfText.decode(data.consumeBytes(data.consumeInt(0, 12))));
            case 7 -> new ConfArray(List.of(Conf.of(data.pickValue(TEXTS)), Conf.of(1)));
            default -> Conf.of(data.pickValue(TEXTS));
        };
    }

    /** True once in so many times; never when there is nothing left to choose by. */
    private boolean seldom(int times) {
        return data.remainingBytes() > 0 && data.consumeInt(1, times) == times;
    }

    private Conf value(ConfObject rule, String name, int depth) {
        if (seldom(40) || depth > DEEPEST) {
            return anything();
        }
        String ref = rule.string("ref").orElse("");
        if (!ref.isEmpty()) {
            return types.get(ref) instanceof ConfObject type ? value(type, name, depth) : anything();
        }
        List<String> kinds = strings(rule, "type");
        return switch (kinds.isEmpty() ? "null" : kinds.get(data.consumeInt(0, kinds.size() - 1))) {
            case "boolean" -> ConfBoolean.TRUE;
            case "integer", "number" -> number(rule);
            case "string" -> string(rule, name);
            case "array" -> array(rule, name, depth);
            case "object" -> rule.bool("single", false) && rule.object("elements").isPresent()
                ? value(rule.object("elements").get(), name, depth + 1) : object(rule, depth);
            default -> ConfNull.NULL;
        };
    }

    private Conf number(ConfObject rule) {
        long min = rule.integer("min", 0);
        return switch (data.consumeInt(0, 5)) {
            case 0 -> Conf.of(min - 1);
            case 1 -> Conf.of(rule.integer("max", 1_000));
            case 2 -> Conf.of(rule.integer("max", 1_000) + 1);
            case 3 -> Conf.of(rule.integer("multipleOf", 1) * 8);
            default -> Conf.of(min + 1);
        };
    }

    private Conf string(ConfObject rule, String name) {
        List<String> words = strings(rule, "enum");
        if (!words.isEmpty() && !seldom(8)) {
            return Conf.of(words.get(data.consumeInt(0, words.size() - 1)));
        }
        if (name.equals("type")) {
            return Conf.of("python");
        }
        return Conf.of(data.pickValue(TEXTS));
    }

    private Conf array(ConfObject rule, String name, int depth) {
        ConfObject element = rule.object("elements").orElse(rule.with("type", Conf.of("string")));
        List<Conf> elements = new ArrayList<>();
        for (int i = data.consumeInt(0, 3); i > 0; i--) {
            elements.add(value(element, name, depth + 1));
        }
        return new ConfArray(elements);
    }

    private Conf object(ConfObject rule, int depth) {
        ConfObject.Builder object = ConfObject.builder();
        rule.object("values").ifPresent(values -> {
            String[] names = strings(rule, "names").stream().filter(NAMES::containsKey).findFirst().map(NAMES::get)
                .orElse(ANY_NAME);
            for (int i = data.consumeInt(0, 3); i > 0; i--) {
                object.put(data.pickValue(names), value(values, "", depth + 1));
            }
        });
        rule.object("variants").filter(variants -> !variants.isEmpty()).ifPresent(variants -> {
            List<String> words = List.copyOf(variants.members().keySet());
            String word = words.get(data.consumeInt(0, words.size() - 1));
            if (rule.string("choice").orElse("").equals("type")) {
                object.put("type", word);
            }
            variants.object(word).ifPresent(variant -> members(variant, word, object, depth));
        });
        members(rule, "", object, depth);
        if (seldom(60)) {
            object.put(data.pickValue(TEXTS), anything());
        }
        return object.build();
    }

    private void members(ConfObject rule, String wanted, ConfObject.Builder object, int depth) {
        rule.object("members").orElse(ConfObject.EMPTY).members().forEach((name, member) -> {
            if (name.equals("type") || !(member instanceof ConfObject of)) {
                return;
            }
            boolean needed = name.equals(wanted) || of.bool("required", false);
            if (needed ? !seldom(30) : data.consumeInt(0, 3) == 0 && data.remainingBytes() > 0) {
                object.put(name, value(of, name, depth + 1));
            }
        });
    }

    private static List<String> strings(ConfObject rule, String key) {
        return switch (rule.get(key).orElse(ConfNull.NULL)) {
            case ConfString text -> List.of(text.value());
            case ConfArray array -> ValueRules.strings(array);
            default -> List.of();
        };
    }
}
