// SPDX-License-Identifier: Apache-2.0
package io.margay.control.health;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import io.margay.control.ServerState;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /health}: how the server is, for people and for what watches it. On the loop's thread only. */
@Component
public final class HealthResource implements ControlResource {
    private static final int NOW = 200;
    private static final int UNAVAILABLE = 503;

    private final ServerState state;
    private final ProcessQueries processes;
    private final BundleChecks checks;
    private final Clock clock;

    /** Inert until it is asked. */
    @Activate
    public HealthResource(@Reference ServerState state, @Reference ProcessQueries processes) {
        this(state, processes, Clock.systemUTC());
    }

    HealthResource(ServerState state, ProcessQueries processes, Clock clock) {
        this.state = state;
        this.processes = processes;
        this.checks = new BundleChecks(processes);
        this.clock = clock;
    }

    @Override
    public String prefix() {
        return "/health";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        List<String> names = request.place().names().orElse(List.of("", "", ""));
        if (names.size() > 2 || names.size() == 2 && !names.getFirst().equals("app")) {
            return now(ControlReply.missing());
        }
        Optional<String> tag = names.isEmpty() ? Optional.empty()
            : Optional.of(names.size() == 2 ? "app:" + names.getLast() : names.getFirst());
        // Whoever reads this has his answer: the process lives. Only its own checks are asked, which takes no other.
        if (tag.filter("live"::equals).isPresent()) {
            return checks.of(List.of("controller"), tag).thenApply(more ->
                reply(with(List.of(Finding.live()), more), tag));
        }
        if (tag.filter("certificates"::equals).isPresent()) {
            return now(reply(Finding.ofCertificates(state.certificates(), clock.instant()), tag));
        }
        CompletionStage<List<Finding>> more = checks.ofAll(tag);
        return findings().thenCombine(more, (all, found) -> {
            List<Finding> meant = with(all.stream().filter(finding -> tag.isEmpty()
                || finding.tags().contains(tag.get())).toList(), found);
            return meant.isEmpty() ? ControlReply.missing() : reply(meant, tag);
        });
    }

    private static List<Finding> with(List<Finding> own, List<Finding> more) {
        return Stream.concat(own.stream(), more.stream()).toList();
    }

    private CompletionStage<List<Finding>> findings() {
        CompletionStage<ConfObject> pools = processes.ask("router", "applications", "").handle((shown, failure) ->
            failure == null && shown instanceof ConfObject object ? object : ConfObject.EMPTY);
        return state.status().handle((status, failure) -> new Told(Optional.ofNullable(status), failure != null
                ? String.valueOf(failure.getMessage()) : state.isServed() ? ""
                : "it has not taken the configuration yet"))
            .thenCombine(pools, (told, of) -> Finding.of(told.status(), told.failure(), of, state.configuration(),
                state.certificates(), clock.instant()));
    }

    /** What the router has answered. */
    private record Told(Optional<ConfObject> status, String failure) {
    }

    private static ControlReply reply(List<Finding> findings, Optional<String> tag) {
        Finding.Health worst = findings.stream().map(Finding::health).max(Enum::compareTo).orElse(Finding.Health.OK);
        // An application alone does not take the others out of service.
        boolean alone = tag.filter(text -> text.startsWith("app:")).isPresent();
        boolean partly = worst == Finding.Health.DOWN && !alone && findings.stream().allMatch(finding ->
            finding.health() != Finding.Health.DOWN || finding.isPart());
        worst = partly ? Finding.Health.DEGRADED : worst;
        ConfObject told = ConfObject.builder().put("status", worst.word())
            .put("checks", new ConfArray(findings.stream().map(Finding::toConf).toList())).build();
        return new ControlReply(worst == Finding.Health.DOWN ? UNAVAILABLE : NOW, ConfWriter.pretty(told))
            .with("Cache-Control", "no-store");
    }

    private static CompletionStage<ControlReply> now(ControlReply reply) {
        return CompletableFuture.completedFuture(reply);
    }
}
