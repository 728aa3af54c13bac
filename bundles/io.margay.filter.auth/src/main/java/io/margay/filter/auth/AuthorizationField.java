// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.http.Ascii;
import io.margay.http.KnownField;
import io.margay.http.Request;
import io.netty.util.AsciiString;
import java.util.Optional;

/** What a client sends to prove who it is. */
final class AuthorizationField {
    static final AsciiString AUTHORIZATION = AsciiString.cached("Authorization");

    private AuthorizationField() {
    }

    /**
     * What stands behind the scheme in the field {@code Authorization}.
     *
     * @param scheme with a blank behind it; letter case is ignored
     * @return a view; empty if there is no such field, more than one, or another scheme
     */
    static Optional<AsciiString> of(Request request, AsciiString scheme) {
        int field = request.find(KnownField.AUTHORIZATION);
        if (field < 0 || request.find(AUTHORIZATION, 0) != field) {
            return Optional.empty();
        }
        AsciiString value = request.value(field);
        return value.length() > scheme.length() && value.regionMatches(true, 0, scheme, 0, scheme.length())
            ? Optional.of(Ascii.trim(value.subSequence(scheme.length(), value.length(), false))) : Optional.empty();
    }
}
