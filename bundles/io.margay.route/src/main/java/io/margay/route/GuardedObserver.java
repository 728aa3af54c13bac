// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;

/** An observer of an extension: what it throws is reported and concerns nobody else. */
final class GuardedObserver implements Observer {
    private final Observer observer;
    private final Guard guard;

    GuardedObserver(Observer observer, Guard guard) {
        this.observer = observer;
        this.guard = guard;
    }

    @Override
    public boolean readsResponse() {
        return observer.readsResponse();
    }

    @Override
    public boolean watchesBegin() {
        return observer.watchesBegin();
    }

    @Override
    public void begun(Exchange exchange) {
        try {
            observer.begun(exchange);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            guard.report("failed: " + e);
        }
    }

    @Override
    public void done(Exchange exchange, boolean complete) {
        try {
            observer.done(exchange, complete);
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            guard.report("failed", e);
        }
    }
}
