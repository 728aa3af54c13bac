// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What clients offer in several fields, too many items and hostile bytes: codings and extensions of WebSockets. */
class NegotiationTest {
    private static final AsciiString GZIP = AsciiString.of("gzip");

    private static AsciiString ascii(String text) {
        return new AsciiString(text.getBytes(StandardCharsets.ISO_8859_1));
    }

    private static Request request(String name, String... values) {
        TestExchange exchange = new TestExchange();
        for (String value : values) {
            exchange.fields = exchange.fields.and(ascii("Other"), ascii("gzip, permessage-deflate"))
                .and(ascii(name), ascii(value));
        }
        return exchange;
    }

    static IntStream everyByte() {
        return IntStream.range(0, 256);
    }

    // ---- codings ------------------------------------------------------

    @Test
    void allFieldsCountInTheirOrder() {
        AcceptedCodings none = AcceptedCodings.of(request("Accept"));
        assertTrue(none.isEmpty());
        assertEquals(0, none.weight(GZIP));
        assertEquals(-1, none.identity());
        AcceptedCodings some = AcceptedCodings.of(request("ACCEPT-encoding", "br, gzip;q=0.2", "", "gzip;q=0.4"));
        assertFalse(some.isEmpty());
        assertEquals(400, some.weight(GZIP), "the last one of a coding");
        assertEquals(1000, some.weight(ascii("BR")));
        assertEquals(0, some.weight(ascii("deflate")));
    }

    @ParameterizedTest
    @CsvSource({"15, 1000", "16, 0", "1000, 0"})
    void sixteenAreRead(int before, int weight) {
        String many = "x,".repeat(before) + "gzip";
        assertEquals(weight, AcceptedCodings.of(ascii(many)).weight(GZIP));
        assertEquals(weight, AcceptedCodings.of(request("Accept-Encoding", "x,".repeat(before), "gzip")).weight(GZIP));
        assertEquals(1000, AcceptedCodings.of(ascii(",".repeat(before) + "gzip")).weight(GZIP), "empty ones are none");
        assertEquals(1000, AcceptedCodings.of(ascii("x;q=9,".repeat(before) + "gzip")).weight(GZIP), "invalid neither");
    }

    @Test
    void eachThousandthIsItsOwn() {
        for (int weight = 0; weight <= 1000; weight++) {
            String text = weight / 1000 + "." + String.format("%03d", weight % 1000);
            assertEquals(weight, AcceptedCodings.of(ascii("gzip;q=" + text)).weight(GZIP), text);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"00", "01", "0.5.5", "1.0001", "1.00000000001", "1.1", "10", ".5", "+1", "1e0", "0,5",
        "0x1", "\u00b9", "1;", "1 1", "q=1", "=1", "\"1\"", "0.5;x=1"})
    void whatIsNoWeightLeavesItsItemOut(String weight) {
        AcceptedCodings read = AcceptedCodings.of(ascii("gzip;q=" + weight));
        assertEquals(0, read.weight(GZIP));
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1.", "1.0", "1.000", "1.0000000000000000000000000", " 1 ", "\t1\t"})
    void whatIsAllOfIt(String weight) {
        assertEquals(1000, AcceptedCodings.of(ascii("gzip;q=" + weight)).weight(GZIP));
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteInAName(int c) {
        String name = "a" + (char) c + "b";
        int weight = AcceptedCodings.of(ascii(name)).weight(ascii(name));
        boolean splits = " \t,;".indexOf(c) >= 0;
        assertEquals(splits ? 0 : 1000, weight);
        assertEquals(c == ',' ? 1000 : 0, AcceptedCodings.of(ascii(name)).weight(ascii("b")));
        AcceptedCodings behind = AcceptedCodings.of(ascii("gzip;q=1" + (char) c));
        assertEquals(" \t,.".indexOf(c) >= 0 ? 1000 : 0, behind.weight(GZIP), "behind a weight");
    }

    // ---- extensions ---------------------------------------------------

    private static Optional<Deflation> agreed(boolean wanted, boolean context, String... offers) {
        return Deflation.of(request("sec-websocket-extensions", offers),
            new WebSocketSettings(1, 1, 1, wanted, context));
    }

    @Test
    void theFirstOfferThatCanBeTakenIs() {
        assertEquals(Optional.empty(), agreed(true, true));
        assertEquals(Optional.empty(), agreed(false, true, "permessage-deflate"), "the settings have the last word");
        assertEquals(Optional.of(new Deflation(true, false)), agreed(true, true, "permessage-deflate"));
        assertEquals(Optional.of(new Deflation(false, false)), agreed(true, false, "permessage-deflate"));
        assertEquals(Optional.of(new Deflation(false, false)),
            agreed(true, true, "permessage-deflate; server_no_context_takeover", "permessage-deflate"));
        assertEquals(Optional.of(new Deflation(true, true)), agreed(true, true, "x",
            "permessage-deflate; server_max_window_bits=9, permessage-deflate; server_max_window_bits=15"));
        assertEquals(Optional.of(new Deflation(true, false)), agreed(true, true, "x; y", "permessage-deflate"));
    }

    @ParameterizedTest
    @CsvSource({"1023, true", "1024, true", "1025, false"})
    void longOffersAreNotRead(int size, boolean read) {
        String offer = "x,".repeat(500) + " ".repeat(size - 1000 - 18) + "permessage-deflate";
        assertEquals(size, offer.length());
        assertEquals(read, agreed(true, true, offer).isPresent());
        assertTrue(agreed(true, true, offer, "permessage-deflate").isPresent(), "but those behind them");
    }

    @ParameterizedTest
    @MethodSource("everyByte")
    void everyByteInAnOffer(int c) {
        if (c < ' ' && c != '\t' || c == 0x7f) {
            return;
        }
        char letter = (char) c;
        boolean blank = c == ' ' || c == '\t';
        assertEquals(blank || c == ',', agreed(true, true, letter + "permessage-deflate").isPresent(), "in front");
        assertEquals(c == ',', agreed(true, true, "permessage" + letter + "permessage-deflate").isPresent(), "inside");
        boolean bits = agreed(true, true, "permessage-deflate; client_max_window_bits=1" + letter).isPresent();
        assertEquals(c >= '0' && c <= '5', bits, "the second digit of 10 to 15");
    }
}
