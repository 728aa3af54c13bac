// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Records of the report pipe. */
class JourneyTest {

    private final CallTable table = CallTable.compile(LaunchPlan.builder("x").program("/bin/x", List.of("x"))
        .directory("/srv").stdout("/out").build());
    private final Journey journey = new Journey(table);

    private static ByteBuffer record(long index, long result) {
        return Pool.buffer(16).putLong(Assembly.DATA + Assembly.TABLE + index * Assembly.STEP).putLong(result).flip();
    }

    @Test
    void recordsMayComeInPieces() {
        ByteBuffer bytes = record(4, -2);
        while (bytes.hasRemaining()) {
            journey.add(ByteBuffer.wrap(new byte[] {bytes.get()}));
        }
        assertEquals("chdir(/srv) failed (2: No such file or directory)", journey.fatal().orElseThrow().text());
        assertEquals(Severity.WARN, journey.fatal().orElseThrow().severity());
        assertFalse(journey.over());
        journey.end();
        assertTrue(journey.over());
    }

    @Test
    void textShowsTheWay() {
        journey.add(record(5, -13));
        journey.add(record(10, -8));
        String[] lines = journey.text().lines().map(String::strip).toArray(String[]::new);
        assertTrue(lines[3].startsWith("5  stdout"), lines[3]);
        assertEquals("failed   step 5, stdout: open(\"/out\") failed (13: Permission denied)", lines[4]);
        assertEquals("failed   step 10, executable: execve(/bin/x) failed (8: Exec format error)", lines[10]);
        assertEquals(11, lines.length);
    }

    @Test
    void stepsBehindTheFailureAreNotDone() {
        journey.add(record(4, -2));
        assertTrue(journey.text().contains("not done   5  stdout"), journey.text());
    }

    @Test
    void nonsenseIsDropped() {
        journey.add(record(-3, -2));
        journey.add(record(1000, -2));
        journey.add(ByteBuffer.wrap(new byte[7]));
        assertEquals(List.of(), journey.faults());
    }

    @Test
    void aResultThatIsNoErrorHasNoErrno() {
        journey.add(record(4, 12));
        journey.add(record(4, -5000));
        assertEquals(0, journey.faults().get(0).errno());
        assertEquals(0, journey.faults().get(1).errno());
    }
}
