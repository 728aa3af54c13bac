// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.ResponseHead;
import io.margay.route.Filter;
import java.util.Optional;

/** Gives errors another body; their status and all fields that do not tell of the body stay. For all loops. */
final class ErrorPagesFilter implements Filter {
    /** The first status that is one. */
    static final int FIRST = 400;
    /** The number of those that are. */
    static final int COUNT = 200;

    /** By status; null where there is none. */
    private final ErrorPage[] pages;

    /** Takes {@link #COUNT} pages, the first that of {@link #FIRST}; null where there is none. */
    ErrorPagesFilter(ErrorPage[] pages) {
        this.pages = pages;
    }

    @Override
    public Half half() {
        return Half.RESPONSE;
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        int place = head.status() - FIRST;
        // The innermost one counts, which has been asked before.
        if (place >= 0 && place < COUNT && pages[place] != null && !head.isReplaced()
            && (head.isErrorPage() || pages[place].intercepts())) {
            pages[place].replace(exchange, head);
        }
        return Optional.empty();
    }
}
