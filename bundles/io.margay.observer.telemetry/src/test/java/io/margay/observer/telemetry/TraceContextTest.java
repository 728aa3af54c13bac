// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code traceparent} and {@code tracestate} as W3C Trace Context and spec/routing.md §15 want them. */
class TraceContextTest {
    private static final String ID = "0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331";

    @ParameterizedTest
    @CsvSource({"00-I-01, true", "00-I-00, true", "00-I-ff, true", "01-I-01, true", "01-I-01-more, true",
        "00-I-01-more, false", "01-I-01more, false", "ff-I-01, false", "00-I-1, false", "00-I, false", "'', false",
        "0-I-01, false", "00-I-0g, false", "0G-I-01, false", "00_I-01, false", "00-I_01, false",
        "00-00000000000000000000000000000000-b7ad6b7169203331-01, false",
        "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01, false",
        "00-0AF7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01, false",
        "00-0af7651916cd43dd8448eb211c80319cb-7ad6b7169203331-01, false"})
    void malformedOnesAreNone(String text, boolean good) {
        assertEquals(good, TraceContext.parse(AsciiString.of(text.replace("I", ID))).isPresent());
    }

    @Test
    void whatIsReadIsWritten() {
        TraceContext context = TraceContext.parse(AsciiString.of("00-" + ID + "-01")).orElseThrow();
        assertEquals("00-" + ID + "-01", context.text().toString());
        assertEquals("00-" + ID + "-00", context.sampled(false).text().toString());
        TraceContext child = context.child();
        assertTrue(child.text().toString().startsWith("00-0af7651916cd43dd8448eb211c80319c-"));
        assertNotEquals(context.span(), child.span());
        assertTrue(child.sampled());
        TraceContext root = TraceContext.root();
        assertEquals(root, TraceContext.parse(root.text()).orElseThrow());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"a=1|true", "rojo=00f067aa0ba902b7,congo=t61rcWkgMzE|true", "a=1, b=2|true",
        "a=1,,b=2|true", "1a@vendor=x|true", "a|false", "a=|false", "=1|false", "A=1|false",
        "a*/-_=1|true", "a=1,a=2|false", "''|false", "','|false", "a=b=c|false", "a=1;b|true"})
    void statesAreListsOfMembers(String text, boolean good) {
        assertEquals(good, TraceState.isValid(AsciiString.of(text)), text);
    }

    @Test
    void statesAreBounded() {
        StringBuilder many = new StringBuilder("a0=1");
        for (int i = 1; i < 32; i++) {
            many.append(",a").append(i).append("=1");
        }
        assertTrue(TraceState.isValid(AsciiString.of(many)));
        assertEquals(false, TraceState.isValid(AsciiString.of(many.append(",z=1"))));
        assertEquals(false, TraceState.isValid(AsciiString.of("a=" + "x".repeat(257))));
        assertTrue(TraceState.isValid(AsciiString.of("a=" + "x".repeat(256))));
        assertEquals(false, TraceState.isValid(AsciiString.of("a=" + "x".repeat(256) + ",b=" + "x".repeat(256))));
    }
}
