// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.Notice;
import io.margay.log.ErrorLog;

/** Logs the lines of the isolation bundle at their levels. */
final class Notices {

    private Notices() {
    }

    static void log(ErrorLog journal, Notice notice) {
        switch (notice.severity()) {
            case ALERT -> journal.alert(notice.text());
            case ERROR -> journal.error(notice.text());
            case WARN -> journal.warn(notice.text());
            case NOTICE -> journal.notice(notice.text());
            default -> throw new IllegalStateException(notice.severity().name());
        }
    }
}
