// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.ResponseHead;
import io.margay.log.ErrorLog;
import io.margay.route.Filter;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Optional;

/** Sets and removes fields of responses (spec/http.md §12.1). */
final class HeaderFilter implements Filter {

    /** One change; without a template the field is removed. */
    record Change(AsciiString name, Optional<Template> value) {
    }

    private final Change[] changes;
    private final ErrorLog log;

    HeaderFilter(List<Change> changes, ErrorLog log) {
        this.changes = changes.toArray(Change[]::new);
        this.log = log;
    }

    @Override
    public Half half() {
        return Half.RESPONSE;
    }

    @Override
    public boolean lasts() {
        // Those of the last action count, also when it has none.
        return false;
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        if (head.status() < 200 || head.status() >= 400) {
            return Optional.empty();
        }
        // All values first: a change must not be seen by the templates of those after it.
        AsciiString[] values = new AsciiString[changes.length];
        for (int i = 0; i < values.length; i++) {
            Optional<Template> template = changes[i].value();
            values[i] = template.isPresent() ? template.get().evaluate(exchange) : AsciiString.EMPTY_STRING;
        }
        for (int i = 0; i < values.length; i++) {
            Change change = changes[i];
            if (change.value().isEmpty()) {
                int field = head.find(change.name());
                if (field >= 0) {
                    head.remove(field);
                }
            } else if (isClean(values[i])) {
                head.set(change.name(), values[i]);
            } else {
                log.info("response header \"" + change.name() + "\" skipped: its value has control characters");
            }
        }
        return Optional.empty();
    }

    /** Whether a text can stand in a field line. */
    static boolean isClean(AsciiString text) {
        for (int i = 0; i < text.length(); i++) {
            byte c = text.byteAt(i);
            if (c >= 0 && c < 0x20 && c != '\t' || c == 0x7f) {
                return false;
            }
        }
        return true;
    }
}
