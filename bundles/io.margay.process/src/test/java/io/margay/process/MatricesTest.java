// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MatricesTest {

    /** Written as the revisions write them. */
    static Stream<Arguments> revisions() {
        return Stream.of(
            Arguments.of("conn", Matrices.CONN,
                "{1,1,1,1,1} {1,0,0,0,0} {1,0,0,1,0} {1,0,1,0,1} {1,0,0,0,0}"),
            Arguments.of("conn remove_notify", Matrices.CONN_REMOVE_NOTIFY,
                "{0,0,0,0,0} {0,0,0,0,0} {0,0,0,1,0} {0,0,1,0,1} {0,0,0,1,0}"),
            Arguments.of("keep", Matrices.KEEP,
                "{1,1,1,1,1,1} {1,0,0,0,0,0} {1,0,0,1,0,0} {1,0,1,1,1,1} {1,0,0,1,0,0} {1,0,0,1,0,0}"),
            Arguments.of("send", Matrices.SEND,
                "{1,1,1,1,1,1} {1,0,0,0,0,0} {1,0,0,1,0,0} {1,0,1,1,1,1} {1,0,0,0,0,0} {1,0,0,0,0,0}"),
            Arguments.of("remove_notify", Matrices.REMOVE_NOTIFY,
                "{0,0,0,0,0,0} {0,0,0,0,0,0} {0,0,0,1,0,0} {0,0,1,0,1,1} {0,0,0,1,0,0} {1,0,0,1,0,0}"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("revisions")
    void everyCellIsThatOfTheRevision(String name, Matrix matrix, String text) {
        String[] rows = text.split(" ");
        assertEquals(rows.length, matrix.size());
        for (int row = 0; row < rows.length; row++) {
            String[] cells = rows[row].replaceAll("[{}]", "").split(",");
            assertEquals(rows.length, cells.length);
            for (int column = 0; column < cells.length; column++) {
                assertEquals(cells[column].equals("1"), matrix.cell(row, column), name + " " + row + "," + column);
            }
        }
    }

    @Test
    void namedCellsReadRowThenColumn() {
        assertEquals(true, Matrices.keep(ProcessType.APP, ProcessType.ROUTER));
        assertEquals(false, Matrices.keep(ProcessType.ROUTER, ProcessType.DISCOVERY));
        assertEquals(true, Matrices.send(ProcessType.ROUTER, ProcessType.APP));
        assertEquals(false, Matrices.send(ProcessType.APP, ProcessType.ROUTER));
        assertEquals(true, Matrices.removeNotify(ProcessType.ROUTER, ProcessType.PROTOTYPE));
        assertEquals(false, Matrices.removeNotify(ProcessType.PROTOTYPE, ProcessType.CONTROLLER));
    }

    @Test
    void onlySquaresOfBitsAreMatrices() {
        assertThrows(IllegalArgumentException.class, () -> Matrix.of("10", "1"));
        assertThrows(IllegalArgumentException.class, () -> Matrix.of("12", "10"));
        assertThrows(IllegalArgumentException.class, () -> Matrix.of("101", "100"));
    }
}
