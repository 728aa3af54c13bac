// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.ConfText;
import io.margay.http.BodyFilter;
import io.margay.http.Exchange;
import io.margay.http.ResponseFilter;
import io.margay.http.ResponseHead;
import io.margay.route.OptionObject;
import io.netty.util.AsciiString;
import java.util.Optional;

/** Says in a response how a client may prove who it is (RFC 9110 §11.6.1). */
record Challenge(AsciiString text) implements ResponseFilter {
    private static final AsciiString NAME = AsciiString.cached("WWW-Authenticate");
    private static final String REALM = "realm";
    private static final int UNAUTHORIZED = 401;

    /**
     * Reads the member {@code realm}.
     *
     * @param scheme what is wanted
     * @param more further parameters, with a comma in front
     */
    static Challenge of(OptionObject options, String scheme, String more) {
        String realm = options.text(REALM).orElse("Restricted");
        AsciiString bytes = new AsciiString(ConfText.encode(realm.replace("\\", "\\\\").replace("\"", "\\\"")), false);
        if (!Injected.isValue(bytes)) {
            throw options.error(REALM, "The \"realm\" value must not contain control characters.");
        }
        return new Challenge(AsciiString.of(scheme + " realm=\"").concat(bytes).concat("\"" + more));
    }

    /** Answers 401. */
    void answer(Exchange exchange) {
        exchange.filter(this);
        exchange.fail(UNAUTHORIZED);
    }

    @Override
    public Optional<BodyFilter> response(Exchange exchange, ResponseHead head) {
        head.add(NAME, text);
        return Optional.empty();
    }
}
