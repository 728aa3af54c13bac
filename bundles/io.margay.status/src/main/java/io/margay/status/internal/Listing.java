// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import java.util.ArrayList;
import java.util.List;

/** A list of bounded length. */
final class Listing {

    private final List<Conf> entries = new ArrayList<>();
    private int count;

    void add(Conf entry) {
        if (count++ < Inspector.MOST) {
            entries.add(entry);
        }
    }

    /** The object with the number of entries, the list and, when it is cut, how many are left out. */
    ConfObject under(String name) {
        ConfObject.Builder made = ConfObject.builder().put("count", count).put(name, new ConfArray(entries));
        if (count > Inspector.MOST) {
            made.put("left_out", (long) count - Inspector.MOST);
        }
        return made.build();
    }
}
