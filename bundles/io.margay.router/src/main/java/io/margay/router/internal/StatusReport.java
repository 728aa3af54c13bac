// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import io.margay.dispatch.PoolStatus;
import io.margay.http.HttpCounters;
import io.margay.lang.ModuleCatalogue;
import io.margay.route.Extensions;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The answer to {@code GET /status} ({@code spec/app-dispatch.md §10}). */
final class StatusReport {

    private StatusReport() {
    }

    static ConfObject of(ModuleCatalogue modules, HttpCounters.Totals totals, Configuration configuration,
            Optional<String> outdated) {
        ConfObject.Builder applications = ConfObject.builder();
        Map<String, String> staying = configuration.staying();
        configuration.pools().forEach((name, pool) ->
            applications.put(name, application(pool.status(), Optional.ofNullable(staying.get(name)))));
        ConfObject.Builder status = ConfObject.builder()
            .put("modules", modules.status())
            .put("connections", ConfObject.builder().put("accepted", totals.accepted()).put("active", totals.active())
                .put("idle", totals.idle()).put("closed", totals.closed()).build())
            .put("requests", ConfObject.builder().put("total", totals.requests()).build())
            .put("applications", applications.build());
        configuration.plan().ifPresent(plan -> plan.status().forEach(status::put));
        extensions(configuration, outdated).ifPresent(extensions -> status.put("extensions", extensions));
        return status.build();
    }

    /** What is not used, and why; nothing when all is well. */
    private static Optional<ConfObject> extensions(Configuration configuration, Optional<String> outdated) {
        List<Extensions.Refused> refused = configuration.plan().map(plan -> plan.extensions().refused())
            .orElse(List.of());
        if (refused.isEmpty() && outdated.isEmpty()) {
            return Optional.empty();
        }
        ConfObject.Builder extensions = ConfObject.builder();
        outdated.ifPresent(reason -> extensions.put("error", reason));
        ConfObject.Builder bundles = ConfObject.builder();
        refused.forEach(each -> bundles.put(each.bundle(), each.reason()));
        return Optional.of(extensions.put("refused", bundles.build()).build());
    }

    private static ConfObject application(PoolStatus status, Optional<String> error) {
        ConfObject.Builder application = ConfObject.builder()
            .put("processes", ConfObject.builder().put("running", status.running()).put("starting", status.starting())
                .put("idle", status.idle()).build())
            .put("requests", ConfObject.builder().put("active", status.active()).build());
        error.ifPresent(reason -> application.put("error", reason));
        return application.build();
    }
}
