// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.PrintStream;

/** What is told of an application that does not start. */
final class Failures {

    private static final int DEPTH = 20;

    private Failures() {
    }

    static void print(Throwable failure, PrintStream out) {
        Throwable cause = failure;
        for (int i = 0; i < DEPTH && cause != null; i++, cause = cause.getCause()) {
            if (isJavax(cause)) {
                out.println("The application is made for javax.servlet (Java EE 8); it has to be migrated to"
                    + " jakarta.servlet (Jakarta EE 10).");
                break;
            }
        }
        failure.printStackTrace(out);
    }

    private static boolean isJavax(Throwable cause) {
        String message = String.valueOf(cause.getMessage()).replace('/', '.');
        return (cause instanceof NoClassDefFoundError || cause instanceof ClassNotFoundException)
            && message.contains("javax.servlet.");
    }
}
