// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.util.ArrayList;
import java.util.List;

/** Rows below a head, as wide as they need to be. */
final class TextTable {
    private static final String GAP = "  ";

    private final List<String[]> rows = new ArrayList<>();

    TextTable(String... head) {
        rows.add(head);
    }

    /** Adds a row of as many cells as the head has. */
    TextTable row(Object... cells) {
        String[] row = new String[rows.getFirst().length];
        for (int i = 0; i < row.length; i++) {
            row[i] = String.valueOf(cells[i]).replaceAll("\\R", " ");
        }
        rows.add(row);
        return this;
    }

    @Override
    public String toString() {
        int[] widths = new int[rows.getFirst().length];
        rows.forEach(row -> {
            for (int i = 0; i < widths.length; i++) {
                widths[i] = Math.max(widths[i], row[i].length());
            }
        });
        StringBuilder out = new StringBuilder();
        for (String[] row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < widths.length; i++) {
                line.append(row[i]).append(" ".repeat(widths[i] - row[i].length())).append(GAP);
            }
            out.append(out.isEmpty() ? "" : "\n").append(line.toString().stripTrailing());
        }
        return out.toString();
    }
}
