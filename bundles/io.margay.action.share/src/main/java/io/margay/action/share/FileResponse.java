// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.Optional;

/** Answers to requests that have conditions: RFC 9110 §13 and §14. */
final class FileResponse {
    private static final int UNMODIFIED = 304;
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");
    private static final AsciiString ENCODING = AsciiString.cached("Content-Encoding");

    private FileResponse() {
    }

    /**
     * Answers a request that does not want the whole file.
     *
     * @param content closed when the request is answered, otherwise still the caller's
     * @return whether it is answered
     */
    static boolean answers(Exchange exchange, Fields fields, Validators validators, Content content) {
        Request request = exchange.request();
        int status = validators.check(request);
        if (status != Validators.HOLDS) {
            content.close();
            if (status == UNMODIFIED) {
                exchange.respond(UNMODIFIED, unmodified(fields), Unpooled.EMPTY_BUFFER);
            } else {
                exchange.fail(status);
            }
            return true;
        }
        int field = request.find(KnownField.RANGE);
        if (field < 0 || !request.isGet() || !validators.holdsForRange(request)) {
            return false;
        }
        Optional<Ranges> ranges = Ranges.of(request.value(field), content.size());
        ranges.ifPresent(wanted -> PartialResponse.respond(exchange, fields, content, wanted));
        return ranges.isPresent();
    }

    /** RFC 9110 §15.4.5: what tells the state, not what describes the content. */
    private static Fields unmodified(Fields fields) {
        Fields some = Fields.NONE;
        for (int i = 0; i < fields.size(); i++) {
            AsciiString name = fields.name(i);
            if (!name.contentEqualsIgnoreCase(TYPE) && !name.contentEqualsIgnoreCase(ENCODING)) {
                some = some.and(name, fields.value(i));
            }
        }
        return some;
    }
}
