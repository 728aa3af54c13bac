// SPDX-License-Identifier: Apache-2.0
package io.margay.http;

import io.netty.buffer.ByteBuf;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/** The response filters of one exchange, and the containment of their faults. */
final class FilterChain {
    private final BaseExchange exchange;
    private final List<ResponseFilter> filters = new ArrayList<>(2);
    private final List<Link> links = new ArrayList<>(1);
    private boolean inHead;
    private boolean closed;

    FilterChain(BaseExchange exchange) {
        this.exchange = exchange;
    }

    void add(ResponseFilter filter) {
        filters.add(filter);
    }

    /** Forgets those that do not last; false if nothing is left. */
    boolean forget() {
        filters.removeIf(filter -> !filter.lasts());
        return !filters.isEmpty();
    }

    /** Whether filters change the head right now. */
    boolean isInHead() {
        return inHead;
    }

    /** Whether the body passes through a filter. */
    boolean hasBody() {
        return !links.isEmpty();
    }

    /** Lets the filters change the head; false if one has failed. */
    boolean head(ResponseHead head) {
        inHead = true;
        exchange.making(Optional.of(head));
        try {
            for (int i = filters.size() - 1; i >= 0 && !exchange.isDone() && head.refusal() == 0; i--) {
                ResponseFilter filter = filters.get(i);
                boolean before = head.isReplaced();
                try {
                    Optional<BodyFilter> body = filter.response(exchange, head);
                    if (head.isReplaced() && !before) {
                        close();
                        links.clear();
                    }
                    if (body.isPresent()) {
                        links.add(new Link(body.get(), links.size()));
                        head.variants(Variants.NONE);
                    }
                } catch (RuntimeException | LinkageError | StackOverflowError e) {
                    report(filter, e);
                    return false;
                }
            }
        } finally {
            inHead = false;
            exchange.making(Optional.empty());
        }
        if (!links.isEmpty()) {
            head.removeContentLength();
        }
        return true;
    }

    /** Lets a part of the body pass; takes it over. */
    void write(ByteBuf data, boolean last) {
        pass(0, data, last);
    }

    private void pass(int place, ByteBuf data, boolean last) {
        if (place == links.size()) {
            exchange.output(data, last);
            return;
        }
        Link link = links.get(place);
        try {
            link.filter.write(data, last, link);
            if (last && !link.passedLast && !exchange.isDone()) {
                throw new IllegalStateException("the last part was not passed on");
            }
        } catch (RuntimeException | LinkageError | StackOverflowError e) {
            fault(link, e);
        } finally {
            data.release();
        }
    }

    private void fault(Link link, Throwable e) {
        if (!closed && !exchange.isDone()) {
            report(link.filter, e);
            exchange.filterFailed(500);
        }
    }

    private void report(Object filter, Throwable e) {
        if (e instanceof ReportedException) {
            return;
        }
        Bundle bundle = FrameworkUtil.getBundle(filter.getClass());
        exchange.loop().log().alert("a response filter of "
            + (bundle == null ? filter.getClass().getPackageName() : bundle.getSymbolicName()) + " failed: " + e);
    }

    /** Closes the filters of the body, for good. */
    void drop() {
        if (!closed) {
            closed = true;
            close();
        }
    }

    private void close() {
        for (Link link : links) {
            try {
                link.filter.close();
            } catch (RuntimeException | LinkageError e) {
                report(link.filter, e);
            }
        }
    }

    /** What follows one filter of the body. */
    private final class Link implements BodySink {
        private final BodyFilter filter;
        private final int place;
        private boolean passedLast;

        Link(BodyFilter filter, int place) {
            this.filter = filter;
            this.place = place;
        }

        @Override
        public void write(ByteBuf data, boolean last) {
            if (passedLast || exchange.isDone()) {
                data.release();
                if (passedLast && !exchange.isDone()) {
                    throw new IllegalStateException("a part was passed on after the last one");
                }
                return;
            }
            passedLast = last;
            pass(place + 1, data, last);
        }
    }
}
