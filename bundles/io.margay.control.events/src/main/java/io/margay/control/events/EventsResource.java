// SPDX-License-Identifier: Apache-2.0
package io.margay.control.events;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** {@code /events}: the events of the server as they come. On the loop's thread only. */
@Component
public final class EventsResource implements ControlResource {
    private static final int MOST_CLIENTS = 64;
    private static final long BEAT_MILLIS = 15_000;

    private final ProcessQueries processes;
    private final EventRing ring;
    private final Set<EventStream> clients = new LinkedHashSet<>();
    private Optional<Runnable> beat = Optional.empty();

    /** Inert until somebody listens. */
    @Activate
    public EventsResource(@Reference ProcessQueries processes, @Reference EventRing ring) {
        this.processes = processes;
        this.ring = ring;
        ring.whenChanged(() -> processes.loop().execute(this::proceed));
    }

    /** Nobody is told any more. */
    @Deactivate
    void stop() {
        ring.whenChanged(() -> { });
        processes.loop().execute(() -> List.copyOf(clients).forEach(EventStream::end));
    }

    @Override
    public String prefix() {
        return "/events";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        return CompletableFuture.completedFuture(request.place().segments().size() != 1 ? ControlReply.missing()
            : reply(request));
    }

    private ControlReply reply(ControlRequest request) {
        Optional<String> last = request.headers().get("Last-Event-ID")
            .or(() -> request.query().values("since").stream().findFirst());
        if (last.isPresent() && !last.get().matches("[0-9]{1,18}")) {
            return ControlReply.error(400, "Invalid request.", "The number of the last event is a number.");
        }
        if (clients.size() >= MOST_CLIENTS) {
            return ControlReply.error(503, "Too many clients.", "At most " + MOST_CLIENTS
                + " follow the events at a time.");
        }
        Set<String> types = new LinkedHashSet<>();
        request.query().values("type").forEach(list -> types.addAll(Arrays.asList(list.split(","))));
        types.remove("");
        long place = last.map(Long::parseLong).orElseGet(ring::newest);
        EventStream[] made = new EventStream[1];
        // What an earlier run of this process has numbered comes before all of this one.
        made[0] = new EventStream(ring, place, last.isPresent() && ring.hasLost(place), types,
            () -> clients.remove(made[0]));
        clients.add(made[0]);
        if (beat.isEmpty()) {
            beat = Optional.of(processes.after(BEAT_MILLIS, this::beat));
        }
        return ControlReply.stream("text/event-stream", made[0]).with("Cache-Control", "no-store");
    }

    private void proceed() {
        List.copyOf(clients).forEach(EventStream::proceed);
    }

    private void beat() {
        List.copyOf(clients).forEach(EventStream::beat);
        beat = clients.isEmpty() ? Optional.empty() : Optional.of(processes.after(BEAT_MILLIS, this::beat));
    }
}
