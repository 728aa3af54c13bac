// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which offers of permessage-deflate are taken (RFC 7692 §7.1), and how. */
class DeflationTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
        permessage-deflate                                            | both
        Permessage-Deflate                                            | both
        permessage-deflate; client_max_window_bits                    | both
        permessage-deflate; client_max_window_bits=9                  | both
        permessage-deflate;client_max_window_bits="15"                | both
        permessage-deflate; server_no_context_takeover                | none
        permessage-deflate; client_no_context_takeover                | none
        permessage-deflate; server_max_window_bits=15                 | both15
        permessage-deflate; server_max_window_bits=9                  | -
        permessage-deflate; server_max_window_bits=9, permessage-deflate | both
        permessage-deflate; server_max_window_bits                    | -
        permessage-deflate; server_max_window_bits=16                 | -
        permessage-deflate; server_max_window_bits=015                | -
        permessage-deflate; client_max_window_bits=7                  | -
        permessage-deflate; client_max_window_bits=                   | -
        permessage-deflate; client_max_window_bits=1x                 | -
        permessage-deflate; client_max_window_bits=٩                  | -
        permessage-deflate; server_no_context_takeover=1              | -
        permessage-deflate; client_max_window_bits; client_max_window_bits | -
        permessage-deflate; foo                                       | -
        permessage-deflate;                                           | -
        x-webkit-deflate-frame                                        | -
        permessage-bzip2, x; y=1, permessage-deflate                  | both
        ,                                                             | -
        ;                                                             | -
        """)
    void offers(String offers, String taken) {
        String rest = taken.endsWith("15") ? "; server_max_window_bits=15" : "";
        String less = "; server_no_context_takeover; client_no_context_takeover";
        assertEquals(taken.equals("-") ? "" : "permessage-deflate" + (taken.equals("none") ? less : "") + rest,
            Deflation.of(offers, true).map(by -> by.field().toString()).orElse(""), "with what went before");
        assertEquals(taken.equals("-") ? "" : "permessage-deflate" + less + rest,
            Deflation.of(offers, false).map(by -> by.field().toString()).orElse(""), "each message for itself");
    }
}
