// SPDX-License-Identifier: Apache-2.0
package io.margay.control.health;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.control.ProcessQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/**
 * The Felix Health Checks that bundles have in the core processes, as the inspector {@code health} of each shows them.
 * On the loop's thread only.
 */
final class BundleChecks {
    private static final String INSPECTOR = "health";
    private static final String PENDING = "pending";
    /** A check that has not run yet is waited for, so often and so long. */
    private static final int TRIES = 10;
    private static final long PAUSE_MILLIS = 200;

    private final ProcessQueries processes;

    BundleChecks(ProcessQueries processes) {
        this.processes = processes;
    }

    /** Those of all processes that have this tag. */
    CompletionStage<List<Finding>> ofAll(Optional<String> tag) {
        return of(processes.names(), tag);
    }

    /** Those of some processes; one that does not answer has its own finding elsewhere. */
    CompletionStage<List<Finding>> of(List<String> names, Optional<String> tag) {
        CompletionStage<List<Finding>> all = CompletableFuture.completedFuture(List.of());
        for (String name : names) {
            all = all.thenCombine(of(name, tag, TRIES), (before, more) -> {
                List<Finding> both = new ArrayList<>(before);
                both.addAll(more);
                return both;
            });
        }
        return all;
    }

    private CompletionStage<List<Finding>> of(String process, Optional<String> tag, int tries) {
        return processes.ask(process, INSPECTOR, "").handle((answer, failure) -> {
            List<ConfObject> checks = failure == null ? checks(answer, tag) : List.of();
            if (tries > 1 && checks.stream().anyMatch(check -> check.string("status").filter(PENDING::equals)
                .isPresent())) {
                CompletableFuture<List<Finding>> later = new CompletableFuture<>();
                processes.after(PAUSE_MILLIS, () -> of(process, tag, tries - 1).thenAccept(later::complete));
                return later;
            }
            return CompletableFuture.completedFuture(checks.stream().map(check -> finding(process, check)).toList());
        }).thenCompose(found -> found);
    }

    private static List<ConfObject> checks(Conf answer, Optional<String> tag) {
        List<ConfObject> checks = new ArrayList<>();
        if (answer instanceof ConfObject object) {
            for (Conf check : object.array("checks").orElse(ConfArray.EMPTY).elements()) {
                if (check instanceof ConfObject found && (tag.isEmpty() || tags(found).contains(tag.get()))) {
                    checks.add(found);
                }
            }
        }
        return checks;
    }

    private static List<String> tags(ConfObject check) {
        List<String> tags = new ArrayList<>();
        for (Conf tag : check.array("tags").orElse(ConfArray.EMPTY).elements()) {
            if (tag instanceof ConfString text) {
                tags.add(text.value());
            }
        }
        return tags;
    }

    private static Finding finding(String process, ConfObject check) {
        Finding.Health health = switch (check.string("status").orElse("").toLowerCase(Locale.ROOT)) {
            case "ok" -> Finding.Health.OK;
            case "degraded", PENDING -> Finding.Health.DEGRADED;
            default -> Finding.Health.DOWN;
        };
        return new Finding(process + ": " + check.string("name").orElse(""), tags(check), health,
            check.string("message").orElse(health == Finding.Health.DEGRADED ? "it has not run yet" : ""));
    }
}
