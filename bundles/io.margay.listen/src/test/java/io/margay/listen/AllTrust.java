// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import java.security.cert.X509Certificate;
import javax.net.ssl.X509TrustManager;

/** A client that looks at certificates itself. */
final class AllTrust implements X509TrustManager {

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
        throw new IllegalStateException("this is a client");
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
        // The test looks at it.
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
