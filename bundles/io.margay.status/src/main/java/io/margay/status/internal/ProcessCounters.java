// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Counters;
import io.margay.status.Inspector;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.LongAdder;
import org.osgi.service.component.annotations.Component;

/** The counters of this process. */
@Component
public final class ProcessCounters implements Counters, Inspector {

    private final ConcurrentSkipListMap<String, LongAdder> counters = new ConcurrentSkipListMap<>();

    @Override
    public LongAdder counter(String name) {
        LongAdder known = counters.get(name);
        if (known == null) {
            if (counters.size() >= Counters.MOST) {
                throw new IllegalStateException("no counter \"" + name + "\": there are " + Counters.MOST + " already");
            }
            known = counters.computeIfAbsent(name, made -> new LongAdder());
        }
        return known;
    }

    @Override
    public String name() {
        return "counters";
    }

    @Override
    public Conf dump() {
        ConfObject.Builder all = ConfObject.builder();
        counters.forEach((name, counter) -> all.put(name, counter.sum()));
        return all.build();
    }
}
