// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;

/** The pages of errors (spec/http.md §11), each made once for a loop. */
public final class ErrorPages {
    private static final int COUNT = 1000;
    private static final Fields HTML = Fields.of(AsciiString.cached("Content-Type"), AsciiString.cached("text/html"));

    private final Answer[] pages = new Answer[COUNT];

    ErrorPages() {
    }

    /** The page of a status; of 500 if it is none. On the loop. */
    public Answer of(int status) {
        int code = status >= 0 && status < COUNT ? status : 500;
        if (pages[code] == null) {
            String text = Integer.toString(COUNT + code).substring(1);
            pages[code] = new Answer(code, HTML, ("<!DOCTYPE html><title>Error " + text + "</title><p>Error " + text
                + ".\r\n").getBytes(StandardCharsets.ISO_8859_1));
        }
        return pages[code];
    }
}
