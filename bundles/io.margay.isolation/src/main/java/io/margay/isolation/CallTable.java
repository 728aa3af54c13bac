// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A {@link LaunchPlan} as a table of system calls. Immutable.
 *
 * <p>The runner does one step after the other. Each names a system call, six arguments and what becomes of the result:
 * go on, jump, or fail. A failing step leaves its address and result at the head of the memory and continues with the
 * failure routine, the first two steps: they write that record to the report pipe and exit. Branches are rare (wait
 * for main's answer, a directory that exists), everything else is decided here, before anything runs.
 */
public final class CallTable {

    private final Architecture architecture;
    private final List<Step> steps;
    private final byte[] memory;
    private final Numbers numbers;

    CallTable(Architecture architecture, List<Step> steps, byte[] memory, Numbers numbers) {
        this.architecture = architecture;
        this.steps = steps;
        this.memory = memory;
        this.numbers = numbers;
    }

    /** Compiles for this machine. */
    public static CallTable compile(LaunchPlan plan) {
        return compile(plan, Architecture.current());
    }

    /** Compiles for a given architecture. */
    public static CallTable compile(LaunchPlan plan, Architecture architecture) {
        return new Compiler(plan, new Assembly(architecture)).compile();
    }

    /** The architecture compiled for. */
    public Architecture architecture() {
        return architecture;
    }

    /** The steps in the order of the table. */
    public List<Step> steps() {
        return steps;
    }

    /** One line a step, for the debug log and {@code unitctl plan}. */
    public String text() {
        return steps.stream().map(Step::toString).collect(Collectors.joining("\n", "", "\n"));
    }

    /** The program: a static ELF executable that carries out this table and nothing else. */
    public byte[] executable() {
        return Elf.image(architecture, memory);
    }

    Numbers numbers() {
        return numbers;
    }
}
