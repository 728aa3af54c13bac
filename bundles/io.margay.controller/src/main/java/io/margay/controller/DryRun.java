// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import io.margay.schema.Schema;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a change would do. Which sockets are opened and closed, and which applications get new processes, the router
 * says, since it acts by it; what only changes its settings follows from the texts.
 */
final class DryRun {
    /** The parts that the router tells more of. */
    private static final Set<String> TOLD = Set.of("listeners", "applications");

    private DryRun() {
    }

    static ConfObject report(Schema schema, ConfObject now, ConfObject next, ConfObject preview) {
        ConfObject.Builder report = ConfObject.builder().put("success", "Dry run passed, nothing is changed.");
        report.put("listeners", listeners(now, next, preview.object("listeners").orElse(ConfObject.EMPTY)));
        report.put("applications", preview.object("applications").orElse(ConfObject.EMPTY));
        for (String part : new TreeSet<>(schema.types().object("configuration")
            .flatMap(type -> type.object("members")).orElse(ConfObject.EMPTY).members().keySet())) {
            if (!TOLD.contains(part)) {
                report.put(part, !text(now, part).equals(text(next, part)));
            }
        }
        return report.build();
    }

    /** A socket that is kept may still get other settings. */
    private static ConfObject listeners(ConfObject now, ConfObject next, ConfObject preview) {
        ConfObject before = now.object("listeners").orElse(ConfObject.EMPTY);
        ConfObject after = next.object("listeners").orElse(ConfObject.EMPTY);
        List<Conf> changed = new ArrayList<>();
        List<Conf> kept = new ArrayList<>();
        for (Conf address : preview.array("kept").orElse(ConfArray.EMPTY).elements()) {
            String name = address instanceof ConfString string ? string.value() : "";
            (text(before, name).equals(text(after, name)) ? kept : changed).add(address);
        }
        return ConfObject.builder().put("opened", preview.array("opened").orElse(ConfArray.EMPTY))
            .put("closed", preview.array("closed").orElse(ConfArray.EMPTY))
            .put("changed", new ConfArray(changed)).put("kept", new ConfArray(kept))
            .put("left_out", preview.array("left_out").orElse(ConfArray.EMPTY)).build();
    }

    private static String text(ConfObject object, String name) {
        return ConfWriter.compactText(object.get(name).orElse(ConfNull.NULL));
    }
}
