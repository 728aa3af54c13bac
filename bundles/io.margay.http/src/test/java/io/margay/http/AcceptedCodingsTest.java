// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.netty.util.AsciiString;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** RFC 9110 §12.5.3. */
class AcceptedCodingsTest {

    /** Weights of gzip, deflate, br, zstd, and of identity. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "''                          | 0 0 0 0       | -1",
        "gzip                        | 1000 0 0 0    | -1",
        "GZip, br                    | 1000 0 1000 0 | -1",
        "x-gzip                      | 1000 0 0 0    | -1",
        "gzip;q=0.5, zstd;q=1.000    | 500 0 0 1000  | -1",
        "'gzip ; q = 0.25 ,br;Q=0'   | 250 0 0 0     | -1",
        "*                           | 1000 1000 1000 1000 | 1000",
        "*;q=0                       | 0 0 0 0       | 0",
        "'*;q=0, br'                 | 0 0 1000 0    | 0",
        "'gzip, *;q=0, identity'     | 1000 0 0 0    | 1000",
        "identity;q=0                | 0 0 0 0       | 0",
        "'identity;q=0.3, *;q=0.7'   | 700 700 700 700 | 300",
        "gzip;q=2                    | 0 0 0 0       | -1",
        "gzip;q=1.001                | 0 0 0 0       | -1",
        "gzip;q=-1                   | 0 0 0 0       | -1",
        "gzip;q=                     | 0 0 0 0       | -1",
        "gzip;q                      | 0 0 0 0       | -1",
        "gzip;                       | 0 0 0 0       | -1",
        "gzip;q=0.x                  | 0 0 0 0       | -1",
        "gzip;level=9                | 0 0 0 0       | -1",
        "gzip q=1                    | 0 0 0 0       | -1",
        "gzip;q=0.0004               | 1 0 0 0       | -1",
        "gzip;q=0.0000               | 0 0 0 0       | -1",
        "gzip;q=0.1239999999999      | 123 0 0 0     | -1",
        "',,gzip,,;q=1,'             | 1000 0 0 0    | -1",
        "'gzip, gzip;q=0'            | 0 0 0 0       | -1",
        "gzipx, compress, gz         | 0 0 0 0       | -1"})
    void weights(String field, String codings, int identity) {
        AcceptedCodings read = AcceptedCodings.of(new AsciiString(field));
        assertEquals(codings, Stream.of("gzip", "deflate", "br", "zstd").map(coding ->
            Integer.toString(read.weight(new AsciiString(coding))))
            .collect(Collectors.joining(" ")));
        assertEquals(identity, read.identity());
    }
}
