// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

/** Stub. */
public final class ErrorLog {
    /** x. */
    public void alert(String t) { }
    /** x. */
    public void error(String t) { }
    /** x. */
    public void warn(String t) { }
    /** x. */
    public void notice(String t) { }
    /** x. */
    public void info(String t) { }
}
