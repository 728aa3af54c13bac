// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.io.PrintWriter;
import java.io.StringWriter;

/** A failure as one line for an administrator, or as a trace when {@code margay.debug} is set. */
final class Trouble {
    private Trouble() {
    }

    static String describe(Throwable failure) {
        if (Boolean.getBoolean("margay.debug")) {
            StringWriter trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            return trace.toString();
        }
        StringBuilder out = new StringBuilder();
        Throwable cause = failure;
        for (int i = 0; cause != null && i < 8; i++) {
            // The messages of Java's own runtime exceptions mean nothing without their kind; ours are sentences.
            boolean bare = cause instanceof RuntimeException && cause.getClass().getName().startsWith("java.");
            boolean plain = cause.getMessage() != null && !bare;
            String text = plain ? cause.getMessage() : cause.toString();
            // What it says may have been said by the one that it caused, as a sentence of ours.
            boolean said = bare && i > 0 && cause.getMessage() != null && out.indexOf(cause.getMessage()) >= 0;
            if (!said && out.indexOf(text) < 0) {
                out.append(i == 0 ? "" : ": ").append(text);
            }
            cause = cause.getCause();
        }
        return out.toString();
    }
}
