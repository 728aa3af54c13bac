// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.auth;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A set of keys (RFC 7517 §5); immutable.
 *
 * @param all those that are known
 */
record TokenKeys(List<TokenKey> all) {
    private static final int MOST = 100;
    /** A token that names no key is tried with no more than these. */
    private static final int TRIED = 8;

    /**
     * Reads a set.
     *
     * @throws IllegalArgumentException if it is malformed, or has no key that is of use
     */
    static TokenKeys parse(byte[] text) {
        try {
            return of(ConfParser.parse(text));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException("it is not JSON: " + e.getMessage(), e);
        }
    }

    /** Takes a set, as {@link #parse} does. */
    static TokenKeys of(Conf value) {
        Optional<ConfArray> keys = value instanceof ConfObject set ? set.array("keys") : Optional.empty();
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("it has no array \"keys\"");
        }
        if (keys.get().size() > MOST) {
            throw new IllegalArgumentException("it has more than " + MOST + " keys");
        }
        List<TokenKey> all = new ArrayList<>();
        for (Conf key : keys.get().elements()) {
            if (!(key instanceof ConfObject jwk)) {
                throw new IllegalArgumentException("a key is no object");
            }
            TokenKey.parse(jwk).ifPresent(all::add);
        }
        if (all.isEmpty()) {
            throw new IllegalArgumentException("it has no key for signatures");
        }
        return new TokenKeys(List.copyOf(all));
    }

    /** The keys that a token may be signed with; empty if there is none. */
    List<TokenKey> find(Optional<String> id, Algorithm algorithm) {
        return all.stream().filter(key -> (id.isEmpty() || key.id().equals(id)) && key.isFor(algorithm)).limit(TRIED)
            .toList();
    }
}
