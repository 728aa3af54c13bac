// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * How far a start came: the table, the steps that failed, and whether it is over. For one thread.
 *
 * <p>Over and without a fatal fault means that the program runs (or the holder waits), or that the process was killed:
 * its exit status tells.
 */
public final class Journey {

    private final CallTable table;
    private final List<Fault> faults = new ArrayList<>();
    private final ByteBuffer partial = ByteBuffer.allocate(Assembly.RECORD).order(ByteOrder.LITTLE_ENDIAN);
    private boolean over;

    Journey(CallTable table) {
        this.table = table;
    }

    /** Takes bytes of the report pipe. What is no record of this table is dropped. */
    void add(ByteBuffer bytes) {
        while (bytes.hasRemaining()) {
            partial.put(bytes.get());
            if (!partial.hasRemaining()) {
                partial.flip();
                record(partial.getLong(), partial.getLong());
                partial.clear();
            }
        }
    }

    void end() {
        over = true;
    }

    private void record(long address, long result) {
        long index = (address - Assembly.DATA - Assembly.TABLE) / Assembly.STEP;
        if (index >= 0 && index < table.steps().size()) {
            int errno = result < 0 && result >= -4095 ? (int) -result : 0;
            faults.add(new Fault(table.steps().get((int) index), errno));
        }
    }

    /** Whether nothing more will be reported. */
    public boolean over() {
        return over;
    }

    /** All steps that failed, in order. */
    public List<Fault> faults() {
        return List.copyOf(faults);
    }

    /** The fault that ended the start. */
    public Optional<Fault> fatal() {
        return faults.stream().filter(Fault::fatal).findFirst();
    }

    /** The whole way for people: a line for each step that was tried, with its error, then what did not happen. */
    public String text() {
        StringBuilder text = new StringBuilder();
        int last = fatal().map(fault -> fault.step().index()).orElse(table.steps().size());
        for (Step step : table.steps()) {
            if (step.index() < Assembly.ROUTINE) {
                continue;
            }
            text.append(step.index() > last ? "not done " : "         ").append(step).append('\n');
            faults.stream().filter(fault -> fault.step().equals(step))
                .forEach(fault -> text.append("failed   ").append(explain(fault)).append('\n'));
        }
        return text.toString();
    }

    /** One line about a fault: step, setting, error. */
    public static String explain(Fault fault) {
        return "step " + fault.step().index() + ", " + fault.step().setting() + ": " + fault.text();
    }
}
