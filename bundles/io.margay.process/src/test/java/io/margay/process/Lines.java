// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.log.ErrorLog;
import io.margay.log.Level;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A log that keeps its lines, with the level in front. */
final class Lines implements ErrorLog {

    final List<String> all = new CopyOnWriteArrayList<>();

    @Override
    public void write(Level level, String text) {
        all.add(level.word() + " " + text);
    }
}
