// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.log.ErrorLog;
import io.margay.log.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A log that keeps its lines for a test, with the level in front. */
public final class Lines implements ErrorLog {

    /** So far; any thread may add to them. */
    public final List<String> all = new CopyOnWriteArrayList<>();

    @Override
    public void write(Level level, String text) {
        all.add(level.word() + " " + text);
    }
}
