// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.Optional;

/** The variable {@code time_local}: its text is made once a second. Safe for all loops. */
final class LocalTime implements Variable {
    private static final DateTimeFormatter FORMAT = DateTimeFormatter.ofPattern("dd/MMM/yyyy:HH:mm:ss Z", Locale.US);

    /** A second and its text, replaced together. */
    private record Stamp(long second, AsciiString text) {
    }

    private volatile Stamp stamp = new Stamp(Long.MIN_VALUE, AsciiString.EMPTY_STRING);

    private AsciiString now() {
        long second = Math.floorDiv(System.currentTimeMillis(), 1000L);
        Stamp last = stamp;
        if (last.second() != second) {
            last = new Stamp(second, AsciiString.of(FORMAT.format(
                Instant.ofEpochSecond(second).atZone(ZoneId.systemDefault()))));
            stamp = last;
        }
        return last.text();
    }

    @Override
    public Optional<AsciiString> of(Exchange exchange) {
        return Optional.of(now());
    }

    @Override
    public void write(Exchange exchange, TemplateSink out) {
        Variable.put(now(), out);
    }
}
