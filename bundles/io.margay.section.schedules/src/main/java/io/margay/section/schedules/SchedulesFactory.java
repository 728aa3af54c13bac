// SPDX-License-Identifier: Apache-2.0
package io.margay.section.schedules;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.dispatch.PoolHost;
import io.margay.http.HttpLoop;
import io.margay.http.HttpLoops;
import io.margay.log.ErrorLog;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import io.margay.status.Duty;
import io.margay.status.Handover;
import io.margay.status.Inspector;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The object {@code schedules}: requests at times, and what has become of them. On the control thread. */
@Component(service = {SectionFactory.class, Inspector.class, Handover.class}, property = "margay.status:Boolean=true")
public final class SchedulesFactory implements SectionFactory, Inspector, Handover {
    private static final String NAME = "schedules";
    private static final int MOST_SCHEDULES = 1000;

    private final ScheduleRunner.Parts parts;
    private final AutoCloseable watch;
    /** By name; of the configuration in force, and what the router before has told. */
    private final Map<String, History> histories = new ConcurrentHashMap<>();
    private List<ScheduleRunner> running = List.of();

    /** Makes no request yet. */
    @Activate
    public SchedulesFactory(@Reference HttpLoops http, @Reference PoolHost host, @Reference Duty duty,
                            @Reference ErrorLog log) {
        this(http, host, duty, log, System::currentTimeMillis);
    }

    SchedulesFactory(HttpLoops http, PoolHost host, Duty duty, ErrorLog log, LongSupplier clock) {
        Map<Integer, HttpLoop> loops = new TreeMap<>();
        this.parts = new ScheduleRunner.Parts(host, http, duty, log, clock, loops);
        this.watch = http.each(loop -> loops.put(loop.index(), loop));
    }

    /** Makes no more requests. */
    @Deactivate
    public void stop() throws Exception {
        running.forEach(ScheduleRunner::stop);
        watch.close();
    }

    @Override
    public String pointer() {
        return "/" + NAME;
    }

    @Override
    public Section compile(Optional<Conf> value, SectionContext context) {
        ConfObject all = value.map(given -> {
            if (given instanceof ConfObject object) {
                return object;
            }
            throw context.error("", "The \"schedules\" value must be an object.");
        }).orElse(ConfObject.EMPTY);
        if (all.members().size() > MOST_SCHEDULES) {
            throw context.error("", "There may be " + MOST_SCHEDULES + " schedules.");
        }
        List<Schedule> schedules = new ArrayList<>();
        all.members().forEach((name, given) -> {
            if (!(given instanceof ConfObject object)) {
                throw context.error(name, "A schedule must be an object.");
            }
            // One that is switched off is read all the same, so that it can be switched on at any time.
            Schedule schedule = Schedule.read(name, object, context);
            if (object.bool("enabled", true)) {
                schedules.add(schedule);
            }
        });
        return new Section() {
            @Override
            public void commit() {
                replace(schedules);
            }

            @Override
            public void close() {
                // Requests that are under way hold the configuration; the next one has stopped the timers.
            }
        };
    }

    /** Those of the configuration before make no more requests; what has the same name goes on with what it was. */
    private void replace(List<Schedule> schedules) {
        running.forEach(ScheduleRunner::stop);
        histories.keySet().retainAll(schedules.stream().map(Schedule::name).toList());
        running = schedules.stream().map(schedule -> new ScheduleRunner(schedule,
            histories.computeIfAbsent(schedule.name(), made -> new History()), parts)).toList();
        running.forEach(ScheduleRunner::start);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public Conf dump() {
        ConfObject.Builder all = ConfObject.builder();
        new TreeMap<>(histories).forEach((name, history) -> all.put(name, history.toConf()));
        return all.build();
    }

    @Override
    public Optional<Conf> give() {
        ConfObject.Builder all = ConfObject.builder();
        histories.forEach((name, history) -> all.put(name, history.told()));
        ConfObject told = all.build();
        return told.isEmpty() ? Optional.empty() : Optional.of(told);
    }

    @Override
    public void take(Conf given) {
        if (given instanceof ConfObject all) {
            all.members().forEach((name, value) -> {
                // What the configuration in force does not name has no history.
                History history = histories.get(name);
                if (history != null && value instanceof ConfObject told) {
                    history.take(told);
                }
            });
        }
    }
}
