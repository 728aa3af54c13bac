// SPDX-License-Identifier: Apache-2.0
package io.margay.router.internal;

import io.margay.conf.ConfObject;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Sums what the loops have counted, to be shown. */
final class TrafficReport {

    /** Of each kind those are shown on which most time was spent: the answer is bounded. */
    private static final int MOST_SHOWN = 200;
    private static final List<Map.Entry<String, Function<TrafficProbe.Parts, TrafficProbe.Kind>>> KINDS = List.of(
        Map.entry("listeners", TrafficProbe.Parts::listeners), Map.entry("routes", TrafficProbe.Parts::routes),
        Map.entry("applications", TrafficProbe.Parts::applications));

    private TrafficReport() {
    }

    /**
     * {@return what there is so far}
     *
     * @param parts whether not only of all together
     */
    static ConfObject of(Traffic traffic, boolean parts) {
        Collection<TrafficProbe> probes = traffic.asked();
        Figures all = new Figures();
        probes.forEach(probe -> probe.all().addTo(all));
        ConfObject.Builder told = ConfObject.builder().put("milliseconds", traffic.millis()).put("all", all.toConf());
        if (parts) {
            told.put("parts", parts(traffic.partsMillis(), probes.stream().map(TrafficProbe::parts).toList()));
        }
        return told.build();
    }

    private static ConfObject parts(long millis, List<TrafficProbe.Parts> parts) {
        ConfObject.Builder told = ConfObject.builder().put("milliseconds", millis);
        long leftOut = 0;
        for (Map.Entry<String, Function<TrafficProbe.Parts, TrafficProbe.Kind>> kind : KINDS) {
            List<TrafficProbe.Kind> ofLoops = parts.stream().map(kind.getValue()).toList();
            told.put(kind.getKey(), named(ofLoops));
            leftOut += ofLoops.stream().mapToLong(TrafficProbe.Kind::leftOut).sum();
        }
        return leftOut == 0 ? told.build() : told.put("left_out", leftOut).build();
    }

    private static ConfObject named(List<TrafficProbe.Kind> ofLoops) {
        Map<String, Figures> sums = new HashMap<>();
        ofLoops.forEach(kind -> kind.tallies().forEach((name, tally) ->
            tally.addTo(sums.computeIfAbsent(name, made -> new Figures()))));
        List<Map.Entry<String, Figures>> shown = sums.entrySet().stream().sorted(
            Comparator.comparingLong((Map.Entry<String, Figures> entry) -> -entry.getValue().spent())
                .thenComparing(Map.Entry::getKey)).limit(MOST_SHOWN).toList();
        ConfObject.Builder told = ConfObject.builder();
        shown.forEach(entry -> told.put(entry.getKey(), entry.getValue().toConf()));
        return told.build();
    }
}
