// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import com.google.gson.FormattingStyle;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import com.google.gson.stream.JsonWriter;
import com.google.gson.stream.MalformedJsonException;
import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the tool reads from servers and shows, as JSON by Gson's streams. Numbers stay as written and members in their
 * order. Never what is sent: of a configuration each byte counts.
 */
final class Json {
    private static final FormattingStyle PRETTY = FormattingStyle.PRETTY.withIndent("  ");

    private Json() {
    }

    /**
     * {@return the only value of a text; empty when that is no JSON, is deeper than configurations may be or has two
     * members of one name}
     */
    static Optional<Conf> read(byte[] text) {
        try (JsonReader reader = new JsonReader(new StringReader(ConfText.decode(text)))) {
            // The newer strictness refuses the lone surrogates that stand for bytes which are not UTF-8.
            reader.setStrictness(Strictness.LEGACY_STRICT);
            reader.setNestingLimit(ConfParser.MAX_DEPTH);
            Conf value = value(reader);
            return reader.peek() == JsonToken.END_DOCUMENT ? Optional.of(value) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Conf value(JsonReader reader) throws IOException {
        // No switch over the kinds: it takes a class more, and the tool lives for a moment.
        JsonToken kind = reader.peek();
        if (kind == JsonToken.BEGIN_OBJECT) {
            return object(reader);
        } else if (kind == JsonToken.BEGIN_ARRAY) {
            List<Conf> elements = new ArrayList<>();
            reader.beginArray();
            while (reader.hasNext()) {
                elements.add(value(reader));
            }
            reader.endArray();
            return new ConfArray(elements);
        } else if (kind == JsonToken.STRING) {
            return new ConfString(reader.nextString());
        } else if (kind == JsonToken.NUMBER) {
            return new ConfNumber(reader.nextString());
        } else if (kind == JsonToken.BOOLEAN) {
            return Conf.of(reader.nextBoolean());
        }
        reader.nextNull();
        return ConfNull.NULL;
    }

    private static Conf object(JsonReader reader) throws IOException {
        Map<String, Conf> members = new LinkedHashMap<>();
        reader.beginObject();
        while (reader.hasNext()) {
            String name = reader.nextName();
            if (members.put(name, value(reader)) != null) {
                throw new MalformedJsonException("\"" + name + "\" stands twice");
            }
        }
        reader.endObject();
        return new ConfObject(members);
    }

    /** {@return the text on one line, without a line end} */
    static String compact(Conf value) {
        return write(value, FormattingStyle.COMPACT);
    }

    /** {@return the text with two blanks a level, without a final line end} */
    static String pretty(Conf value) {
        return write(value, PRETTY);
    }

    private static String write(Conf value, FormattingStyle style) {
        StringWriter text = new StringWriter(256);
        try (JsonWriter writer = new JsonWriter(text)) {
            writer.setFormattingStyle(style);
            write(value, writer);
        } catch (IOException e) {
            throw new UncheckedIOException("memory takes no more", e);
        }
        return text.toString();
    }

    private static void write(Conf value, JsonWriter writer) throws IOException {
        if (value instanceof ConfObject object) {
            writer.beginObject();
            for (Map.Entry<String, Conf> member : object.members().entrySet()) {
                writer.name(member.getKey());
                write(member.getValue(), writer);
            }
            writer.endObject();
        } else if (value instanceof ConfArray array) {
            writer.beginArray();
            for (Conf element : array.elements()) {
                write(element, writer);
            }
            writer.endArray();
        } else if (value instanceof ConfString string) {
            writer.value(string.value());
        } else if (value instanceof ConfNumber number) {
            writer.jsonValue(number.text());
        } else if (value instanceof ConfNull) {
            writer.nullValue();
        } else {
            writer.value(value.equals(Conf.of(true)));
        }
    }
}
