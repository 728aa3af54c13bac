// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.limit;

import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.ResponseFilter;
import io.margay.http.ResponseHead;
import io.netty.util.AsciiString;
import java.util.Optional;

/** Adds to an error page when the client may try again (RFC 9110 §10.2.3). */
record TooMany(long seconds) implements ResponseFilter {
    private static final AsciiString RETRY_AFTER = AsciiString.cached("Retry-After");
    private static final int STATUS = 429;

    /** Answers 429 (RFC 6585 §4). */
    static void answer(Exchange exchange, long seconds) {
        exchange.filter(new TooMany(seconds));
        exchange.fail(STATUS);
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        head.set(RETRY_AFTER, AsciiString.of(Long.toString(seconds)));
        return Optional.empty();
    }
}
