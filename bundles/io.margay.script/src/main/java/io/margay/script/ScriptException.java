// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

/** A script cannot be compiled, has failed, looped or taken too much memory; the message says what. Without a stack. */
public final class ScriptException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    /** Creates the exception with one sentence, or what the script has thrown. */
    public ScriptException(String reason) {
        super(reason, null, false, false);
    }
}
