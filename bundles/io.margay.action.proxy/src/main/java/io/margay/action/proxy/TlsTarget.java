// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.ConfObject;
import java.util.Optional;

/**
 * How servers are met with TLS.
 *
 * @param verify whether a server must prove who it is
 * @param ca the stored certificates that are trusted; those of the Java runtime if empty
 * @param certificate the stored certificate that is shown to servers that ask
 * @param serverName the name that servers are asked for and must prove; that of the address if empty
 */
record TlsTarget(boolean verify, Optional<String> ca, Optional<String> certificate, Optional<String> serverName) {

    static TlsTarget read(ConfObject tls) {
        return new TlsTarget(tls.bool("verify", true), tls.string("ca"), tls.string("certificate"),
            tls.string("server_name"));
    }
}
