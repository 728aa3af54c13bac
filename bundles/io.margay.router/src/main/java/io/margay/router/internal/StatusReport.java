// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.PoolStatus;
import io.margay.http.HttpCounters;
import io.margay.lang.ModuleCatalogue;

/** The answer to {@code GET /status} ({@code spec/app-dispatch.md §10}). */
final class StatusReport {

    private StatusReport() {
    }

    static ConfObject of(ModuleCatalogue modules, HttpCounters.Totals totals, Configuration configuration) {
        ConfObject.Builder applications = ConfObject.builder();
        configuration.pools().forEach((name, pool) -> applications.put(name, application(pool.status())));
        return ConfObject.builder()
            .put("modules", modules.status())
            .put("connections", ConfObject.builder().put("accepted", totals.accepted()).put("active", totals.active())
                .put("idle", totals.idle()).put("closed", totals.closed()).build())
            .put("requests", ConfObject.builder().put("total", totals.requests()).build())
            .put("applications", applications.build())
            .build();
    }

    private static ConfObject application(PoolStatus status) {
        return ConfObject.builder()
            .put("processes", ConfObject.builder().put("running", status.running()).put("starting", status.starting())
                .put("idle", status.idle()).build())
            .put("requests", ConfObject.builder().put("active", status.active()).build())
            .build();
    }
}
