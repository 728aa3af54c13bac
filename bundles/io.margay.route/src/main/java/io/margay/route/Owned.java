// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.log.ErrorLog;
import java.util.ArrayDeque;
import java.util.Deque;

/** What a plan has to close, once, in reverse order. Used on one thread at a time. */
final class Owned implements AutoCloseable {
    private final Deque<AutoCloseable> all = new ArrayDeque<>();
    private final ErrorLog log;

    Owned(ErrorLog log) {
        this.log = log;
    }

    ErrorLog log() {
        return log;
    }

    void add(AutoCloseable resource) {
        all.push(resource);
    }

    @Override
    public void close() {
        while (!all.isEmpty()) {
            AutoCloseable resource = all.pop();
            try {
                resource.close();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } catch (Exception | LinkageError e) {
                log.alert("a part of a configuration could not be closed: " + e);
            }
        }
    }
}
