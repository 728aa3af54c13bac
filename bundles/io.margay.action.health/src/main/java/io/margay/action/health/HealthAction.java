// SPDX-License-Identifier: Apache-2.0
package io.margay.action.health;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import io.margay.dispatch.AppPool;
import io.margay.dispatch.Applications;
import io.margay.dispatch.PoolStatus;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.route.Action;
import io.margay.status.Inspectors;
import io.netty.util.AsciiString;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Tells how some applications are, and what the checks of bundles in this process have found. */
final class HealthAction implements Action {
    private static final int FINE = 200;
    private static final int UNAVAILABLE = 503;
    private static final Fields FIELDS = Fields.of(AsciiString.cached("Content-Type"),
        AsciiString.cached("application/json"))
        .and(AsciiString.cached("Cache-Control"), AsciiString.cached("no-store"));

    private final Optional<String> tag;
    private final Set<String> names;
    private final Optional<Applications> applications;
    private final Inspectors inspectors;
    /** Once the plan is complete, its pools do not change but for newer ones of the same application. */
    private volatile Map<String, AppPool> pools;

    /**
     * An action.
     *
     * @param tag whose checks of bundles count; empty for none
     * @param names of applications that count
     */
    HealthAction(Optional<String> tag, Set<String> names, Optional<Applications> applications, Inspectors inspectors) {
        this.tag = tag;
        this.names = Set.copyOf(names);
        this.applications = applications;
        this.inspectors = inspectors;
    }

    @Override
    public void run(Exchange exchange) {
        boolean wrong = false;
        boolean degraded = false;
        ConfObject.Builder told = ConfObject.builder();
        boolean alone = tag.filter(text -> text.startsWith("app:")).isPresent();
        for (String name : names) {
            if (!serves(name)) {
                // One of several does not take the others out of service.
                wrong |= alone;
                degraded = true;
                told.put("application " + name, "down");
            }
        }
        for (Conf check : tag.isEmpty() ? ConfArray.EMPTY.elements() : checks().elements()) {
            if (check instanceof ConfObject found && has(found, tag.get())) {
                String status = found.string("status").orElse("down");
                wrong |= status.equals("down");
                degraded |= !status.equals("ok");
                told.put("check " + found.string("name").orElse(""), status);
            }
        }
        ConfObject parts = told.build();
        ConfObject.Builder body = ConfObject.builder().put("status", wrong ? "down" : degraded ? "degraded" : "ok");
        exchange.respond(wrong ? UNAVAILABLE : FINE, FIELDS, ConfWriter.compact(parts.isEmpty() ? body.build()
            : body.put("parts", parts).build()));
    }

    private ConfArray checks() {
        return inspectors.dump("health").map(HealthActionFactory::object).flatMap(all -> all.array("checks"))
            .orElse(ConfArray.EMPTY);
    }

    private static boolean has(ConfObject check, String tag) {
        return check.array("tags").orElse(ConfArray.EMPTY).elements().stream()
            .anyMatch(each -> each instanceof ConfString text && text.value().equals(tag));
    }

    private boolean serves(String name) {
        Map<String, AppPool> known = pools;
        if (known == null) {
            known = applications.map(Applications::pools).orElse(Map.of());
            pools = known;
        }
        AppPool pool = known.get(name);
        if (pool == null) {
            return false;
        }
        PoolStatus status = pool.status();
        return status.running() > 0 || !status.failing();
    }
}
