// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import jakarta.servlet.http.HttpServletResponse;

/** What browsers are told to forbid. */
final class SecurityHeaders {
    /** Our pages hold no code and no styles: both come as files from here. */
    private static final String STRICT = "default-src 'none'; script-src 'self'; style-src 'self';"
        + " img-src 'self' data:; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";
    /**
     * The web console's own pages have code and styles within their HTML, and scripts that make others of text (those
     * that sort tables and take several files), but everything from here.
     */
    private static final String OTHERS = "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval';"
        + " style-src 'self' 'unsafe-inline'; img-src 'self' data:; object-src 'none'; form-action 'self';"
        + " base-uri 'self'; frame-ancestors 'none'";

    private SecurityHeaders() {
    }

    static void set(HttpServletResponse response, boolean ours) {
        response.setHeader("Content-Security-Policy", ours ? STRICT : OTHERS);
        response.setHeader("X-Content-Type-Options", "nosniff");
        response.setHeader("X-Frame-Options", "DENY");
        response.setHeader("Referrer-Policy", "same-origin");
        response.setHeader("Cross-Origin-Opener-Policy", "same-origin");
        response.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        response.setHeader("Permissions-Policy", "camera=(), geolocation=(), microphone=()");
        response.setHeader("Cache-Control", "no-store");
    }
}
