// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.ReportedException;
import io.margay.log.ErrorLog;

/** Tells what an extension does wrong, with the name of its bundle, at most once a second. Safe for all threads. */
final class Guard {
    private final Extensions.Entry<?> entry;
    private final ErrorLog log;
    private final Throttle throttle = new Throttle();

    Guard(Extensions.Entry<?> entry, ErrorLog log) {
        this.entry = entry;
        this.log = log;
    }

    String name() {
        return entry.name();
    }

    /** Reports what was thrown, unless that has been done already. */
    void report(String what, Throwable thrown) {
        if (!(thrown instanceof ReportedException)) {
            report(what + ": " + thrown);
        }
    }

    void report(String what) {
        if (throttle.passes()) {
            report(entry, log, what);
        }
    }

    static void report(Extensions.Entry<?> entry, ErrorLog log, String what) {
        log.alert("\"" + entry.name() + "\" of the bundle " + entry.origin().bundle() + " " + what);
    }
}
