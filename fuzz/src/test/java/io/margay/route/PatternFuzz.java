// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import com.code_intelligence.jazzer.api.FuzzedDataProvider;
import io.margay.conf.Conf;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfText;
import io.netty.util.AsciiString;

/** Any text is a pattern, or a template, or is refused; and any value is soon found to match or not. */
public final class PatternFuzz {
    private static final String[] PIECES = {"~", "!", "*", "(", ")", "[", "]", "{", "}", "\\", "?", "+", "|", "^", "$",
        ".", "-", "[[:alpha:]]", "(?", "(?:", "(?<n>", "\\g", "\\k", "\\x", "\\Q", "\\E", "a", "b", "1", "2", ",",
        "%41", "%", "&&", "#", " ", "${", "uri", "$arg_a", "`"};

    private PatternFuzz() {
    }

    /** Called by the fuzzer for each input. */
    public static void fuzzerTestOneInput(FuzzedDataProvider data) {
        TextPattern.Form form = data.pickValue(TextPattern.Form.values());
        AsciiString value = new AsciiString(data.consumeBytes(data.consumeInt(0, 64)), false);
        StringBuilder text = new StringBuilder();
        while (data.remainingBytes() > 2 && text.length() < 200) {
            text.append(data.consumeBoolean() ? data.pickValue(PIECES)
                : ConfText.decode(data.consumeBytes(data.consumeInt(0, 4))));
        }
        pattern(text.toString(), form, value);
        template(text.toString());
    }

    private static void pattern(String text, TextPattern.Form form, AsciiString value) {
        try {
            TextMatch match = Patterns.compile(Conf.of(text), form, "uri", ConfPointer.ROOT);
            TextMatch other = Patterns.compile(Conf.of(text.startsWith("!") ? text.substring(1) : "!" + text), form,
                "uri", ConfPointer.ROOT);
            check(text.startsWith("!!") || match.test(value) != other.test(value), "neither it nor its negation");
        } catch (RouteException e) {
            check(!e.getMessage().isEmpty(), "no reason");
        } catch (MatchLimitException e) {
            check(e.getMessage().contains("takes too many steps"), e.getMessage());
        }
    }

    private static void template(String text) {
        try {
            Template.compile(text, "location", ConfPointer.ROOT);
        } catch (RouteException e) {
            check(e.getMessage().contains("ariable"), e.getMessage());
        }
    }

    private static void check(boolean good, String text) {
        if (!good) {
            throw new IllegalStateException(text);
        }
    }
}
