// SPDX-License-Identifier: Apache-2.0
package io.margay.credential;
/** t. */
public final class AccountException extends RuntimeException {
    private static final long serialVersionUID = 1;
    /** t. */
    public AccountException(String m) {
        super(m);
    }
}
