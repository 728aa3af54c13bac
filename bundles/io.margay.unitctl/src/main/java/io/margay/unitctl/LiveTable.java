// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.util.List;
import java.util.Optional;

/** What a table on a screen shows of a server. */
interface LiveTable {

    /** {@return what the server is asked} */
    ToolRequest request();

    /** {@return whether a line is the head of others} */
    boolean isHead(String line);

    /**
     * {@return the lines, harmless}
     *
     * @param before an earlier answer, from which rates are counted
     */
    List<String> lines(StatusTable.Sample now, Optional<StatusTable.Sample> before);
}
