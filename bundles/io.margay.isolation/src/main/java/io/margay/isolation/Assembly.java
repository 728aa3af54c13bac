// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/** Collects steps and memory, then lays them out for the address at which the runner finds them. */
final class Assembly {

    /** Where the data segment is mapped; the runner's code has it as a constant. */
    static final long DATA = 0x610000;
    /** Begin of the table in the data segment, behind the failure record. */
    static final int TABLE = 64;
    /** Bytes of a step: number, check, six arguments, result address, named result, target. */
    static final int STEP = 80;
    /** Steps of the failure routine, which stand first. */
    static final int ROUTINE = 2;
    /** Bytes of the record that a failing step leaves at {@link #DATA}: its address and its result. */
    static final int RECORD = 16;
    /** Where results go that nobody needs. */
    private static final int SCRATCH = 16;
    private static final int ARGS = 8;

    private final Architecture architecture;
    private final Pool pool = new Pool();
    private final List<Draft> drafts = new ArrayList<>();

    Assembly(Architecture architecture) {
        this.architecture = architecture;
    }

    Architecture architecture() {
        return architecture;
    }

    Pool pool() {
        return pool;
    }

    /** Adds a step. */
    Draft step(String setting, Failure failure, Call call, Arg... args) {
        Draft draft = new Draft(setting, failure, call, args);
        drafts.add(draft);
        return draft;
    }

    /** Lets the label name the next step. */
    void place(Draft.Label label) {
        label.place(drafts.size());
    }

    /** Goes on at the label in any case. */
    void jump(String setting, Draft.Label to) {
        step(setting, Failure.alert(""), Call.LOOK, new Arg.Num(DATA, "&failure"), Arg.num(0)).jumpIf(0, "0", to);
    }

    /** Writes the last failure to the report pipe. */
    void report(String setting, Numbers numbers) {
        step(setting, Failure.alert(""), Call.WRITE, Arg.flags(numbers.report(), "report"),
            new Arg.Num(DATA, "&failure"), Arg.num(RECORD)).anyway();
    }

    CallTable finish(Numbers numbers) {
        byte[] memory = layOut();
        List<Step> steps = new ArrayList<>();
        for (Draft draft : drafts) {
            steps.add(new Step(steps.size(), draft.setting(), draft.text(), draft.consequence(), draft.failure(),
                draft.fatal()));
        }
        return new CallTable(architecture, List.copyOf(steps), memory, numbers);
    }

    private byte[] layOut() {
        int poolOffset = TABLE + drafts.size() * STEP;
        byte[] content = pool.at(DATA + poolOffset);
        ByteBuffer memory = Pool.buffer(poolOffset + content.length);
        Map<Arg.Slot, Long> slots = slots();
        for (int i = 0; i < drafts.size(); i++) {
            Draft draft = drafts.get(i);
            memory.position(TABLE + i * STEP);
            memory.putInt(draft.call().number(architecture)).putInt(draft.check());
            for (int n = 0; n < 6; n++) {
                memory.putLong(n < draft.args().size() ? value(draft.args().get(n), poolOffset, slots) : 0);
            }
            memory.putLong(draft.slot().map(slots::get).orElse(DATA + SCRATCH));
            memory.putLong(draft.named());
            memory.putLong(draft.target().map(label -> address(label.index())).orElse(0L));
        }
        memory.position(poolOffset);
        memory.put(content);
        return memory.array();
    }

    /** The address of the argument that each slot fills. */
    private Map<Arg.Slot, Long> slots() {
        Map<Arg.Slot, Long> slots = new IdentityHashMap<>();
        for (int i = 0; i < drafts.size(); i++) {
            List<Arg> args = drafts.get(i).args();
            for (int n = 0; n < args.size(); n++) {
                if (args.get(n) instanceof Arg.Slot slot && slots.put(slot, address(i) + ARGS + 8L * n) != null) {
                    throw new IllegalStateException("slot " + slot.text() + " used twice");
                }
            }
        }
        return slots;
    }

    private static long value(Arg arg, int poolOffset, Map<Arg.Slot, Long> slots) {
        return switch (arg) {
            case Arg.Num number -> number.value();
            case Arg.Data data -> DATA + poolOffset + data.entry().offset();
            case Arg.Slot slot -> 0;
            case Arg.AddressOf of -> slots.get(of.slot());
        };
    }

    private static long address(int index) {
        return DATA + TABLE + (long) index * STEP;
    }
}
