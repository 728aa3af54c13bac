// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.http.HttpCounters.Totals;
import io.margay.status.Inspector;
import java.util.function.Supplier;

/** The inspector {@code connections}: what Unit's status counts of clients. On the control loop. */
final class ConnectionInspector implements Inspector {

    private final Supplier<Totals> totals;

    ConnectionInspector(Supplier<Totals> totals) {
        this.totals = totals;
    }

    @Override
    public String name() {
        return "connections";
    }

    @Override
    public Conf dump() {
        Totals now = totals.get();
        return ConfObject.builder().put("accepted", now.accepted()).put("active", now.active())
            .put("idle", now.idle()).put("closed", now.closed()).put("requests", now.requests()).build();
    }
}
