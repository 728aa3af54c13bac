// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.conf.ConfObject;

/** Why an authority of tests does not do what it is asked for. */
final class AcmeRefusal extends Exception {
    private static final long serialVersionUID = 1L;

    private final int status;
    private final String type;

    /**
     * A refusal.
     *
     * @param type the last word of its URN
     */
    AcmeRefusal(int status, String type, String detail) {
        super(detail);
        this.status = status;
        this.type = type;
    }

    int status() {
        return status;
    }

    /** The problem document (RFC 8555 §6.7). */
    ConfObject problem() {
        return ConfObject.builder().put("type", "urn:ietf:params:acme:error:" + type).put("detail", getMessage())
            .build();
    }
}
