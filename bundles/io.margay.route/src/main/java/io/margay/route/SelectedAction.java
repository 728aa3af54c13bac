// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.margay.http.ResponseFilter;
import io.margay.http.TargetPath;
import io.margay.log.ErrorLog;
import io.netty.util.AsciiString;
import java.util.Optional;

/** An action object: what all kinds have in common, and the action of its kind. */
final class SelectedAction implements Action {
    private static final int MOST_HOPS = 256;

    private final Optional<Template> rewrite;
    private final Optional<ResponseFilter> headers;
    private final Action action;

    SelectedAction(Optional<Template> rewrite, Optional<ResponseFilter> headers, Action action) {
        this.rewrite = rewrite;
        this.headers = headers;
        this.action = action;
    }

    @Override
    public void run(Exchange exchange) {
        if (exchange.hop() > MOST_HOPS) {
            ErrorLog.shared().error("a request was passed on more than " + MOST_HOPS + " times");
            exchange.fail(500);
            return;
        }
        exchange.responseFilter(headers);
        if (rewrite.isPresent() && !rewrite(exchange, rewrite.get().evaluate(exchange))) {
            exchange.fail(500);
            return;
        }
        action.run(exchange);
    }

    private static boolean rewrite(Exchange exchange, AsciiString value) {
        TargetPath target = new TargetPath();
        int start = value.arrayOffset();
        for (int i = 0; i < value.length(); i++) {
            byte c = value.byteAt(i);
            if (c == 0 || c == '\r' || c == '\n') {
                return false;
            }
        }
        if (!target.parse(value.array(), start, start + value.length())) {
            return false;
        }
        exchange.path(new AsciiString(target.path(), target.pathStart(), target.pathEnd() - target.pathStart(),
            true));
        if (exchange.settings().logRoute()) {
            ErrorLog.shared().notice("URI rewritten to \"" + exchange.path() + "\"");
        }
        return true;
    }
}
