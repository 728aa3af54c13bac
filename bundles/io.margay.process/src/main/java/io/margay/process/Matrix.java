// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.util.List;

/**
 * A square table of yes and no over process types.
 *
 * @param rows one string of {@code 0} and {@code 1} for each row
 */
public record Matrix(List<String> rows) {

    /** Checks that it is square and holds only 0 and 1. */
    public Matrix {
        rows = List.copyOf(rows);
        for (String row : rows) {
            if (row.length() != rows.size() || !row.matches("[01]*")) {
                throw new IllegalArgumentException("not a square of 0 and 1: " + rows);
            }
        }
    }

    static Matrix of(String... rows) {
        return new Matrix(List.of(rows));
    }

    /** Number of rows and of columns. */
    public int size() {
        return rows.size();
    }

    /**
     * One cell.
     *
     * @throws IndexOutOfBoundsException outside the table
     */
    public boolean cell(int row, int column) {
        return rows.get(row).charAt(column) == '1';
    }

    /** One cell of a table over {@link ProcessType}. */
    public boolean cell(ProcessType row, ProcessType column) {
        return cell(row.number(), column.number());
    }
}
