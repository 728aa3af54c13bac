// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.log.ErrorLog;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.osgi.framework.FrameworkUtil;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The object {@code settings.telemetry}. Configurations that export to the same place in the same way share an
 * exporter, so that a change loses no span.
 */
@Component
public final class TelemetryFactory implements SectionFactory {
    static final String POINTER = "/settings/telemetry";

    private static final long LAST_SECONDS = 3;

    /** An exporter and how many configurations use it. On the control thread. */
    private static final class Shared {
        private final Exporter exporter;
        private int users;

        Shared(Exporter exporter) {
            this.exporter = exporter;
        }
    }

    private final Map<TelemetryOptions, Shared> exporters = new HashMap<>();
    private final Set<CompletableFuture<Void>> closing = ConcurrentHashMap.newKeySet();

    /** Exports nothing yet. */
    @Activate
    public TelemetryFactory() {
    }

    /** Waits, not for long, until the last spans are exported. */
    @Deactivate
    public void stop() {
        try {
            CompletableFuture.allOf(closing.toArray(CompletableFuture<?>[]::new))
                .orTimeout(LAST_SECONDS, TimeUnit.SECONDS).join();
        } catch (CompletionException e) {
            // Those who wait for this end have waited long enough.
            closing.clear();
        }
    }

    @Override
    public String pointer() {
        return POINTER;
    }

    @Override
    public Section compile(Optional<Conf> value, SectionContext context) {
        if (value.isEmpty()) {
            return Section.NONE;
        }
        if (!(value.get() instanceof ConfObject object)) {
            throw context.error("", "The \"telemetry\" value must be an object.");
        }
        TelemetryOptions options = TelemetryOptions.read(object, context);
        double ratio = TelemetryOptions.ratio(object, context);
        Shared shared = exporters.computeIfAbsent(options, wanted -> new Shared(exporter(wanted, context.log())));
        shared.users++;
        return new Tracing(shared.exporter, ratio,
            context.configuration().object("applications").orElse(ConfObject.EMPTY), () -> release(options, shared));
    }

    private static Exporter exporter(TelemetryOptions options, ErrorLog log) {
        String version = Optional.ofNullable(FrameworkUtil.getBundle(TelemetryFactory.class))
            .map(bundle -> bundle.getVersion().toString()).orElse("0");
        return new Exporter(options, new HttpSender(options.endpoint(), "Margay/" + version, options.headers()),
            version, log);
    }

    private void release(TelemetryOptions options, Shared shared) {
        if (--shared.users > 0) {
            return;
        }
        exporters.remove(options);
        CompletableFuture<Void> end = shared.exporter.close().toCompletableFuture();
        closing.add(end);
        end.whenComplete((done, failure) -> closing.remove(end));
    }
}
