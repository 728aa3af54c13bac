// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

/** Temporary. */
public final class ErrorLog {
    private static final ErrorLog S = new ErrorLog();

    /** x. */
    public static ErrorLog shared() {
        return S;
    }

    private void w(String l, String t) {
        System.err.println("2026/01/01 00:00:00 [" + l + "] " + ProcessHandle.current().pid() + "#0 " + t);
    }

    /** x. */
    public void alert(String t) {
        w("alert", t);
    }

    /** x. */
    public void error(String t) {
        w("error", t);
    }

    /** x. */
    public void warn(String t) {
        w("warn", t);
    }

    /** x. */
    public void notice(String t) {
        w("notice", t);
    }

    /** x. */
    public void info(String t) {
        w("info", t);
    }

    /** x. */
    public void debug(String t) {
        if (System.getenv("MARGAY_DEBUG") != null) {
            w("debug", t);
        }
    }

    /** x. */
    public void failure(Throwable t) {
        t.printStackTrace();
    }
}
