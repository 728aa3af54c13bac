// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.conf.Conf;
import io.margay.log.LogOpener;
import io.margay.route.Section;
import io.margay.route.SectionContext;
import io.margay.route.SectionFactory;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;

/** The option {@code access_log}: its file. There is none before somebody opens files. */
@Component
public final class AccessLogFactory implements SectionFactory {
    private static final String OPTION = "access_log";
    static final String POINTER = "/" + OPTION;
    private static final long LAST_SECONDS = 2;

    private final LogOpener opener;
    private final Set<CompletableFuture<Void>> closing = ConcurrentHashMap.newKeySet();

    /** Creates the service; nothing is opened. */
    @Activate
    public AccessLogFactory(@Reference LogOpener opener) {
        this.opener = opener;
    }

    /** Waits, not for long, until the last lines are written. */
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

    private void closing(CompletionStage<Void> file) {
        CompletableFuture<Void> end = file.toCompletableFuture();
        closing.add(end);
        end.whenComplete((done, failure) -> closing.remove(end));
    }

    @Override
    public String pointer() {
        return POINTER;
    }

    @Override
    public Section compile(Optional<Conf> value, SectionContext context) {
        return value.<Section>map(given -> AccessLogSection.compile(given, context, opener, this::closing))
            .orElse(Section.NONE);
    }
}
