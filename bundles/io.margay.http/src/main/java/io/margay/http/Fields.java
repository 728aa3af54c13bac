// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;
import java.util.Arrays;

/** An immutable list of response fields. */
public final class Fields {
    /** No fields. */
    public static final Fields NONE = new Fields(new AsciiString[0]);

    private final AsciiString[] texts;

    private Fields(AsciiString[] texts) {
        this.texts = texts;
    }

    /**
     * Fields from names and values in turn.
     *
     * @throws IllegalArgumentException when a name is no token or a value has control characters
     */
    public static Fields of(AsciiString... namesAndValues) {
        if (namesAndValues.length % 2 != 0) {
            throw new IllegalArgumentException("a name without a value");
        }
        for (int i = 0; i < namesAndValues.length; i += 2) {
            ResponseHead.check(namesAndValues[i], namesAndValues[i + 1]);
        }
        return new Fields(namesAndValues.clone());
    }

    /** Fields from names and values in turn, each character one byte. */
    public static Fields of(String... namesAndValues) {
        return of(Arrays.stream(namesAndValues).map(AsciiString::new).toArray(AsciiString[]::new));
    }

    /** These and one more. */
    public Fields and(AsciiString name, AsciiString value) {
        ResponseHead.check(name, value);
        AsciiString[] more = Arrays.copyOf(texts, texts.length + 2);
        more[texts.length] = name;
        more[texts.length + 1] = value;
        return new Fields(more);
    }

    /** Number of fields. */
    public int size() {
        return texts.length / 2;
    }

    /** The name of a field. */
    public AsciiString name(int field) {
        return texts[2 * field];
    }

    /** The value of a field. */
    public AsciiString value(int field) {
        return texts[2 * field + 1];
    }
}
