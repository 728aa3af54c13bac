// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/** Writes the start data of a child as compact JSON: strings, integers, booleans, arrays and objects of them. */
final class InitJson {

    private final StringBuilder out = new StringBuilder();

    private InitJson() {
    }

    static String of(Map<String, ?> members) {
        InitJson json = new InitJson();
        json.object(members);
        return json.out.toString();
    }

    private void value(Object value) {
        switch (value) {
            case String text -> string(text);
            case Integer number -> out.append(number.intValue());
            case Long number -> out.append(number.longValue());
            case Boolean truth -> out.append(truth.booleanValue());
            case int[] numbers -> array(IntStream.of(numbers).boxed().toList());
            case List<?> list -> array(list);
            case Map<?, ?> map -> object(map);
            default -> throw new IllegalArgumentException("no start data: " + value.getClass());
        }
    }

    private void object(Map<?, ?> members) {
        out.append('{');
        Iterator<? extends Map.Entry<?, ?>> entries = members.entrySet().iterator();
        while (entries.hasNext()) {
            Map.Entry<?, ?> entry = entries.next();
            string((String) entry.getKey());
            out.append(':');
            value(entry.getValue());
            out.append(entries.hasNext() ? "," : "");
        }
        out.append('}');
    }

    private void array(List<?> list) {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            out.append(i == 0 ? "" : ",");
            value(list.get(i));
        }
        out.append(']');
    }

    private void string(String text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') {
                out.append('\\').append(c);
            } else if (c < ' ') {
                out.append(String.format("\\u%04x", (int) c));
            } else {
                out.append(c);
            }
        }
        out.append('"');
    }
}
