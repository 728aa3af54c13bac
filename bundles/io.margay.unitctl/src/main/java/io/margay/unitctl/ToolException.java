// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

/** A command did not do what was asked; the message is for the user and the code is that of the exit. */
class ToolException extends Exception {
    /** Exit code: all was done. */
    static final int DONE = 0;
    /** Exit code: the server refused. */
    static final int REFUSED = 1;
    /** Exit code: the command line or what was given to it is wrong. */
    static final int USAGE = 2;
    /** Exit code: no server, or no proper answer from it. */
    static final int UNREACHABLE = 3;
    /** Exit code: a file, the editor or the terminal here. */
    static final int LOCAL = 4;

    private static final long serialVersionUID = 1L;

    private final int code;

    private ToolException(int code, String message, Throwable cause) {
        super(message, cause);
        this.code = code;
    }

    /** For subclasses that stand for a refusal. */
    ToolException(String message) {
        this(REFUSED, message, null);
    }

    static ToolException usage(String message) {
        return new ToolException(USAGE, message, null);
    }

    static ToolException unreachable(String message) {
        return new ToolException(UNREACHABLE, message, null);
    }

    static ToolException unreachable(String message, Throwable cause) {
        return new ToolException(UNREACHABLE, message, cause);
    }

    static ToolException local(String message, Throwable cause) {
        return new ToolException(LOCAL, message, cause);
    }

    static ToolException local(String message) {
        return new ToolException(LOCAL, message, null);
    }

    /** {@return the exit code} */
    int code() {
        return code;
    }

    /** {@return the same failure with one more line for the user} */
    ToolException with(String line) {
        return new ToolException(code, getMessage() + "\n" + line, this);
    }
}
