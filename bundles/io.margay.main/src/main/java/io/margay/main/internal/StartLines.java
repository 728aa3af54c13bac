// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.log.ErrorLog;
import java.util.ArrayList;
import java.util.List;

/**
 * The lines that tell of started processes. Those of the server's own start follow the lines of all modules found, as
 * in Unit, whose controller starts behind the discovery: who has read {@code controller started} finds every module in
 * the log. The processes themselves do not wait. On main's loop.
 */
final class StartLines {
    private final ErrorLog journal;
    private final List<String> waiting = new ArrayList<>();
    private boolean discovered;

    /** Holds lines back until {@link #discovered}. */
    StartLines(ErrorLog journal) {
        this.journal = journal;
    }

    /** Writes a line, now or as soon as all modules are known; one that waits already does not wait twice. */
    void info(String line) {
        if (discovered) {
            journal.info(line);
        } else if (!waiting.contains(line)) {
            waiting.add(line);
        }
    }

    /** All modules that were there at the start have their lines. Calls after the first have no effect. */
    void discovered() {
        discovered = true;
        waiting.forEach(journal::info);
        waiting.clear();
    }
}
