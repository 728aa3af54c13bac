// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import io.margay.status.Listing;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import org.osgi.service.component.annotations.Component;

/** The threads of this process and what each does. */
@Component
public final class ThreadInspector implements Inspector {

    private static final int DEPTH = 20;

    @Override
    public String name() {
        return "threads";
    }

    @Override
    public Conf dump() {
        Listing threads = new Listing();
        Thread.getAllStackTraces().entrySet().stream()
            .sorted(Comparator.comparing((Map.Entry<Thread, StackTraceElement[]> entry) -> entry.getKey().threadId()))
            .forEach(entry -> threads.add(thread(entry.getKey(), entry.getValue())));
        return threads.under("threads");
    }

    private static Conf thread(Thread thread, StackTraceElement[] stack) {
        return ConfObject.builder().put("name", thread.getName()).put("id", thread.threadId())
            .put("state", thread.getState().name().toLowerCase(Locale.ROOT)).put("daemon", thread.isDaemon())
            .put("stack", new ConfArray(Arrays.stream(stack).limit(DEPTH)
                .<Conf>map(frame -> Conf.of(frame.toString())).toList()))
            .build();
    }
}
