// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import java.util.Iterator;
import java.util.Map;

/** Writes JSON for people: two blanks a level, line feeds, colours if wanted. Numbers and order stay as they are. */
final class JsonPrinter {
    private static final String NAME = "\033[34m";
    private static final String STRING = "\033[32m";
    private static final String OTHER = "\033[33m";
    private static final String END = "\033[0m";

    private final StringBuilder out = new StringBuilder(256);
    private final boolean colours;

    private JsonPrinter(boolean colours) {
        this.colours = colours;
    }

    /** {@return the text, without a final line end} */
    static String print(Conf value, boolean colours) {
        JsonPrinter printer = new JsonPrinter(colours);
        printer.value(value, 0);
        return printer.out.toString();
    }

    private void value(Conf value, int level) {
        // No switch over types: each is linked at its first use, which a boot cache does not save, and takes long.
        if (value instanceof ConfObject object) {
            object(object, level);
        } else if (value instanceof ConfArray array) {
            array(array, level);
        } else if (value instanceof ConfString string) {
            scalar(ConfWriter.quoted(string.value()), STRING);
        } else {
            scalar(value instanceof ConfNumber number ? number.text() : ConfWriter.compactText(value), OTHER);
        }
    }

    private void object(ConfObject object, int level) {
        if (object.isEmpty()) {
            out.append("{}");
            return;
        }
        out.append('{');
        Iterator<Map.Entry<String, Conf>> members = object.members().entrySet().iterator();
        while (members.hasNext()) {
            Map.Entry<String, Conf> member = members.next();
            line(level + 1);
            scalar(ConfWriter.quoted(member.getKey()), NAME);
            out.append(": ");
            value(member.getValue(), level + 1);
            out.append(members.hasNext() ? "," : "");
        }
        line(level);
        out.append('}');
    }

    private void array(ConfArray array, int level) {
        if (array.isEmpty()) {
            out.append("[]");
            return;
        }
        out.append('[');
        Iterator<Conf> elements = array.elements().iterator();
        while (elements.hasNext()) {
            line(level + 1);
            value(elements.next(), level + 1);
            out.append(elements.hasNext() ? "," : "");
        }
        line(level);
        out.append(']');
    }

    private void scalar(String text, String colour) {
        if (colours) {
            // A terminal obeys some characters that JSON leaves as they are.
            out.append(colour).append(Io.harmless(text)).append(END);
        } else {
            out.append(text);
        }
    }

    private void line(int level) {
        out.append('\n').append("  ".repeat(level));
    }
}
