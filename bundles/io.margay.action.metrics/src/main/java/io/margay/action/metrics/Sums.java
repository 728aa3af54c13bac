// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Counters of all loops by kind and name. Used by one thread at a time. */
final class Sums {
    private final Map<MetricKind, Map<String, long[]>> kinds = new EnumMap<>(MetricKind.class);

    Sums() {
        for (MetricKind kind : MetricKind.values()) {
            kinds.put(kind, new TreeMap<>());
        }
    }

    /** By name, in order. */
    Map<String, long[]> of(MetricKind kind) {
        return kinds.get(kind);
    }

    private long[] at(MetricKind kind, String name) {
        return kinds.get(kind).computeIfAbsent(name, made -> new long[Layout.SIZE]);
    }

    /** Adds what one loop has counted. */
    void add(LoopMeter meter) {
        for (MetricKind kind : MetricKind.values()) {
            meter.named(kind).forEach((name, subject) -> subject.addTo(at(kind, name)));
        }
    }

    /** Adds other sums, or takes them away with the sign -1. */
    void add(Sums others, int sign) {
        others.kinds.forEach((kind, named) -> named.forEach((name, counts) -> {
            long[] own = at(kind, name);
            for (int i = 0; i < own.length; i++) {
                own[i] += sign * counts[i];
            }
        }));
    }

    /** For another process; what is zero is left out. */
    ConfObject toConf() {
        ConfObject.Builder all = ConfObject.builder();
        kinds.forEach((kind, named) -> {
            ConfObject.Builder told = ConfObject.builder();
            named.forEach((name, counts) -> {
                if (hasCount(counts)) {
                    List<Conf> numbers = new ArrayList<>();
                    for (long count : counts) {
                        numbers.add(Conf.of(count));
                    }
                    told.put(name, new ConfArray(numbers));
                }
            });
            ConfObject made = told.build();
            if (!made.isEmpty()) {
                all.put(kind.word(), made);
            }
        });
        return all.build();
    }

    private static boolean hasCount(long[] counts) {
        for (long count : counts) {
            if (count != 0) {
                return true;
            }
        }
        return false;
    }

    /** What another process has told; names with anything but counters of this layout are left out. */
    static Sums read(Conf told) {
        Sums sums = new Sums();
        ConfObject all = told instanceof ConfObject object ? object : ConfObject.EMPTY;
        for (MetricKind kind : MetricKind.values()) {
            all.object(kind.word()).orElse(ConfObject.EMPTY).members().forEach((name, value) -> {
                if (value instanceof ConfArray counts && counts.size() == Layout.SIZE
                    && sums.of(kind).size() < LoopMeter.MOST && counts.elements().stream().allMatch(Sums::isCount)) {
                    sums.of(kind).put(name, counts.elements().stream()
                        .mapToLong(count -> ((ConfNumber) count).longValue()).toArray());
                }
            });
        }
        return sums;
    }

    private static boolean isCount(Conf value) {
        return value instanceof ConfNumber number && number.isInteger() && number.longValue() >= 0;
    }
}
