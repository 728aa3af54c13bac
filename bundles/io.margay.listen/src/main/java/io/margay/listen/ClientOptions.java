// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.List;

/**
 * The object {@code client} in the TLS of a listener: what is asked of clients.
 *
 * @param authorities names of stored bundles whose certificates are trusted, at least one
 * @param verify what becomes of clients without a good certificate
 * @param depth most certificates between a client's and a trusted one
 * @param revocation which certificates must not be revoked
 */
public record ClientOptions(List<String> authorities, Verify verify, int depth, Revocation revocation) {

    /** What becomes of clients without a good certificate. */
    public enum Verify {
        /** Their handshake fails. */
        REQUIRED,
        /** Those that have none are served, those that have a bad one not. */
        OPTIONAL,
        /** They are served, and requests tell what is wrong. */
        REQUEST
    }

    /** Which certificates must not be revoked; each needs a list of its issuer that is not out of date. */
    public enum Revocation {
        /** All below a trusted one if there are lists, else none. */
        AUTO,
        /** The client's own. */
        CLIENT,
        /** All below a trusted one. */
        CHAIN,
        /** None, whatever lists there are. */
        OFF
    }

    /** Keeps an own list. */
    public ClientOptions {
        authorities = List.copyOf(authorities);
    }

    static ClientOptions read(ConfObject client) {
        Verify verify = switch (client.string("verify").orElse("required")) {
            case "optional" -> Verify.OPTIONAL;
            case "request" -> Verify.REQUEST;
            default -> Verify.REQUIRED;
        };
        Revocation revocation = switch (client.string("revocation").orElse("auto")) {
            case "client" -> Revocation.CLIENT;
            case "chain" -> Revocation.CHAIN;
            case "off" -> Revocation.OFF;
            default -> Revocation.AUTO;
        };
        return new ClientOptions(TlsOptions.strings(client.get("ca").orElse(ConfArray.EMPTY)), verify,
            (int) client.integer("depth", 1), revocation);
    }
}
