// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.util.AsciiString;
import java.util.Optional;

/**
 * What a request of the server's own is; immutable, may serve many requests.
 *
 * @param authority host and port, as in {@code Host}
 * @param host in lower case, without port (spec/http.md §6)
 * @param target path and query as written
 * @param path decoded
 * @param query without the question mark
 * @param fields {@code Host} and, where there is a body, {@code Content-Length} among them
 * @param body not to be changed
 */
public record OwnRequest(AsciiString method, AsciiString authority, AsciiString host, AsciiString target,
                         AsciiString path, AsciiString query, boolean hasQuery, Fields fields, byte[] body) {

    /**
     * Takes a target apart.
     *
     * @param authority host and port, well formed
     * @return empty if the target is malformed (spec/http.md §4), or the authority
     */
    public static Optional<OwnRequest> of(AsciiString method, AsciiString authority, AsciiString target,
            Fields fields, byte[] body) {
        TargetPath parsed = new TargetPath();
        if (!parsed.parse(target.array(), target.arrayOffset(), target.arrayOffset() + target.length())) {
            return Optional.empty();
        }
        AsciiString path = new AsciiString(parsed.path(), parsed.pathStart(), parsed.pathEnd() - parsed.pathStart(),
            true);
        AsciiString query = !parsed.hasQuery() ? AsciiString.EMPTY_STRING : new AsciiString(target.array(),
            parsed.queryStart(), parsed.queryEnd() - parsed.queryStart(), true);
        byte[] host = new byte[authority.length()];
        int length = Authority.host(authority.array(), authority.arrayOffset(),
            authority.arrayOffset() + authority.length(), host);
        return length < 0 ? Optional.empty() : Optional.of(new OwnRequest(method, authority,
            new AsciiString(host, 0, length, false), target, path, query, parsed.hasQuery(), fields, body));
    }
}
