// SPDX-License-Identifier: Apache-2.0
package io.margay.testing;

import io.margay.process.Journal;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A journal that keeps its lines for a test, with the level in front. */
public final class Lines implements Journal {

    /** So far; any thread may add to them. */
    public final List<String> all = new CopyOnWriteArrayList<>();

    @Override
    public void alert(String text) {
        all.add("alert " + text);
    }

    @Override
    public void error(String text) {
        all.add("error " + text);
    }

    @Override
    public void warn(String text) {
        all.add("warn " + text);
    }

    @Override
    public void notice(String text) {
        all.add("notice " + text);
    }

    @Override
    public void info(String text) {
        all.add("info " + text);
    }
}
