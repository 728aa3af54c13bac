// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.List;

/** What an {@link Inspector} shows of a list: its first entries and how many there are. Used by one thread. */
public final class Listing {

    private final List<Conf> entries = new ArrayList<>();
    private int count;

    /** Adds an entry; those after {@link Inspector#MOST} are only counted. */
    public void add(Conf entry) {
        if (count++ < Inspector.MOST) {
            entries.add(entry);
        }
    }

    /**
     * {@return the object with the number of entries, the list and, when it is cut, how many are left out}
     *
     * @param name of the list
     */
    public ConfObject under(String name) {
        ConfObject.Builder made = ConfObject.builder().put("count", count).put(name, new ConfArray(entries));
        if (count > Inspector.MOST) {
            made.put("left_out", (long) count - Inspector.MOST);
        }
        return made.build();
    }
}
