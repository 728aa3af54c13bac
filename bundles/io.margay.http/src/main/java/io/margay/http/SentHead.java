// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;
import java.util.Arrays;
import java.util.Optional;

/** The fields of a response whose head has been sent, and its length, for those who want to look at them later. */
final class SentHead {
    private static final AsciiString LENGTH = AsciiString.cached("content-length");

    private final AsciiString[] texts;
    private final long length;

    private SentHead(AsciiString[] texts, long length) {
        this.texts = texts;
        this.length = length;
    }

    static SentHead of(Answer answer) {
        Fields fields = answer.fields();
        AsciiString[] texts = new AsciiString[2 * fields.size()];
        Arrays.setAll(texts, i -> i % 2 == 0 ? fields.name(i / 2) : fields.value(i / 2));
        return new SentHead(texts, answer.body().length);
    }

    static SentHead of(ResponseHead head) {
        AsciiString[] texts = new AsciiString[2 * head.size()];
        Arrays.setAll(texts, i -> i % 2 == 0 ? head.name(i / 2) : head.value(i / 2));
        return new SentHead(texts, head.contentLength());
    }

    /** The first field of the name in a head that is being made. */
    static Optional<AsciiString> find(ResponseHead head, AsciiString name) {
        for (int i = 0; i < head.size(); i++) {
            if (matches(head.name(i), name)) {
                return Optional.of(head.value(i));
            }
        }
        return length(name, head.contentLength());
    }

    /** The first field of the name. */
    Optional<AsciiString> field(AsciiString name) {
        for (int i = 0; i < texts.length; i += 2) {
            if (matches(texts[i], name)) {
                return Optional.of(texts[i + 1]);
            }
        }
        return length(name, length);
    }

    private static Optional<AsciiString> length(AsciiString name, long length) {
        return length >= 0 && matches(LENGTH, name) ? Optional.of(AsciiString.of(Long.toString(length)))
            : Optional.empty();
    }

    private static boolean matches(AsciiString field, AsciiString name) {
        if (field.length() != name.length()) {
            return false;
        }
        for (int i = 0; i < name.length(); i++) {
            byte c = field.byteAt(i);
            byte wanted = name.byteAt(i);
            if (Ascii.lower(c) != Ascii.lower(wanted) && !(wanted == '-' && c == '_')) {
                return false;
            }
        }
        return true;
    }
}
