// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.ByteBuffer;

/**
 * Writes the runner's executable file: code that can be read and executed, data that can be read and written, a stack
 * that cannot be executed. Fixed addresses, so nothing is relocated at run time.
 */
final class Elf {

    private static final long CODE = 0x400000;
    /** The largest page of the architectures served; segments share no page. */
    private static final int PAGE = 0x10000;
    private static final int HEADER = 64;
    private static final int PROGRAM_HEADER = 56;
    private static final int SEGMENTS = 3;
    private static final int ENTRY = HEADER + SEGMENTS * PROGRAM_HEADER;
    private static final int LOAD = 1;
    private static final int STACK = 0x6474e551;
    private static final int READ = 4;
    private static final int WRITE = 2;
    private static final int EXECUTE = 1;

    private Elf() {
    }

    static byte[] image(Architecture architecture, byte[] data) {
        byte[] code = RunnerCode.bytes(architecture);
        ByteBuffer file = Pool.buffer(PAGE + data.length);
        header(file, architecture.machine());
        segment(file, LOAD, READ | EXECUTE, 0, CODE, ENTRY + code.length);
        segment(file, LOAD, READ | WRITE, PAGE, Assembly.DATA, data.length);
        segment(file, STACK, READ | WRITE, 0, 0, 0);
        file.put(code);
        file.position(PAGE);
        file.put(data);
        return file.array();
    }

    private static void header(ByteBuffer file, int machine) {
        file.put(new byte[] {0x7f, 'E', 'L', 'F', 2, 1, 1, 0}).putLong(0);
        file.putShort((short) 2).putShort((short) machine).putInt(1);
        file.putLong(CODE + ENTRY).putLong(HEADER).putLong(0).putInt(0);
        file.putShort((short) HEADER).putShort((short) PROGRAM_HEADER).putShort((short) SEGMENTS);
        file.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    }

    private static void segment(ByteBuffer file, int type, int flags, long offset, long address, long size) {
        file.putInt(type).putInt(flags).putLong(offset).putLong(address).putLong(address);
        file.putLong(size).putLong(size).putLong(type == LOAD ? PAGE : 16);
    }
}
