// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;

/**
 * The machine code of the runner as an assembler listing: bytes on the left, instruction on the right. A test
 * assembles the right column and compares it with the left one.
 *
 * <p>A step has 80 bytes: u32 number of the system call (all bits set: look into memory instead), u32 check, u64
 * arguments 0 to 5, u64 address for the result, i64 named result, u64 address of the step to jump to.
 */
final class RunnerCode {

    /** Intel syntax. */
    static final String X86_64 = """
                            | start:
        bd 00 00 61 00      |   mov ebp, 0x610000         ; the data segment: failure record, then the table
        8d 9d e0 00 00 00   |   lea ebx, [rbp + 224]      ; first step to do, behind the two of the failure routine
                            | next:
        8b 03               |   mov eax, [rbx]            ; number of the system call, or -1
        48 8b 7b 08         |   mov rdi, [rbx + 8]        ; its six arguments
        48 8b 73 10         |   mov rsi, [rbx + 16]
        48 8b 53 18         |   mov rdx, [rbx + 24]
        4c 8b 53 20         |   mov r10, [rbx + 32]
        4c 8b 43 28         |   mov r8, [rbx + 40]
        4c 8b 4b 30         |   mov r9, [rbx + 48]
        83 f8 ff            |   cmp eax, -1
        75 06               |   jne call
        8b 07               |   mov eax, [rdi]            ; -1: look into memory, masked by the second argument
        21 f0               |   and eax, esi
        eb 02               |   jmp done
                            | call:
        0f 05               |   syscall                   ; changes rax, rcx and r11 alone
                            | done:
        48 8b 4b 38         |   mov rcx, [rbx + 56]       ; where the result is wanted
        48 89 01            |   mov [rcx], rax
        8b 4b 04            |   mov ecx, [rbx + 4]        ; what to check
        48 3b 43 40         |   cmp rax, [rbx + 64]       ; the named result?
        74 18               |   je equal
        f6 c1 08            |   test cl, 8                ; 8: any other result is a failure
        75 1e               |   jnz fail
        48 3d 01 f0 ff ff   |   cmp rax, -4095            ; a negative errno?
        73 19               |   jae error
        f6 c1 02            |   test cl, 2                ; 2: jump on success
        75 0b               |   jnz jump
                            | advance:
        48 83 c3 50         |   add rbx, 80
        eb b1               |   jmp next
                            | equal:
        f6 c1 01            |   test cl, 1                ; 1: jump on the named result, else it is accepted
        74 f5               |   jz advance
                            | jump:
        48 8b 5b 48         |   mov rbx, [rbx + 72]
        eb a6               |   jmp next
                            | fail:
        80 c9 04            |   or cl, 4
                            | error:
        48 89 5d 00         |   mov [rbp], rbx            ; leave step and result for the report
        48 89 45 08         |   mov [rbp + 8], rax
        f6 c1 04            |   test cl, 4                ; 4: an error ends the start
        74 df               |   jz advance
        8d 5d 40            |   lea ebx, [rbp + 64]       ; the failure routine is the head of the table
        eb 91               |   jmp next
        """;

    /** Unified syntax. */
    static final String AARCH64 = """
                            | start:
        33 0c a0 d2         |   movz x19, #0x61, lsl #16  ; the data segment at 0x610000: failure record, then the table
        f5 03 13 aa         |   mov x21, x19
        73 82 03 91         |   add x19, x19, #224        ; first step to do, behind the two of the failure routine
                            | next:
        68 52 40 29         |   ldp w8, w20, [x19]        ; number of the system call or -1, what to check
        60 86 40 a9         |   ldp x0, x1, [x19, #8]     ; its six arguments
        62 8e 41 a9         |   ldp x2, x3, [x19, #24]
        64 96 42 a9         |   ldp x4, x5, [x19, #40]
        1f 05 00 31         |   cmn w8, #1
        81 00 00 54         |   b.ne call
        00 00 40 b9         |   ldr w0, [x0]              ; -1: look into memory, masked by the second argument
        00 00 01 0a         |   and w0, w0, w1
        02 00 00 14         |   b done
                            | call:
        01 00 00 d4         |   svc #0                    ; changes x0 alone
                            | done:
        69 aa 43 a9         |   ldp x9, x10, [x19, #56]   ; where the result is wanted, the named result
        20 01 00 f9         |   str x0, [x9]
        1f 00 0a eb         |   cmp x0, x10
        e0 00 00 54         |   b.eq equal
        34 01 18 37         |   tbnz w20, #3, fail        ; 8: any other result is a failure
        1f fc 3f b1         |   cmn x0, #4095             ; a negative errno?
        02 01 00 54         |   b.hs error
        94 00 08 37         |   tbnz w20, #1, jump        ; 2: jump on success
                            | advance:
        73 42 01 91         |   add x19, x19, #80
        ed ff ff 17         |   b next
                            | equal:
        d4 ff 07 36         |   tbz w20, #0, advance      ; 1: jump on the named result, else it is accepted
                            | jump:
        73 26 40 f9         |   ldr x19, [x19, #72]
        ea ff ff 17         |   b next
                            | fail:
        94 02 1e 32         |   orr w20, w20, #4
                            | error:
        b3 02 00 a9         |   stp x19, x0, [x21]        ; leave step and result for the report
        34 ff 17 36         |   tbz w20, #2, advance      ; 4: an error ends the start
        b3 02 01 91         |   add x19, x21, #64         ; the failure routine is the head of the table
        e5 ff ff 17         |   b next
        """;

    private RunnerCode() {
    }

    static String listing(Architecture architecture) {
        return architecture == Architecture.X86_64 ? X86_64 : AARCH64;
    }

    static byte[] bytes(Architecture architecture) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        HexFormat hex = HexFormat.ofDelimiter(" ");
        listing(architecture).lines()
            .map(line -> line.substring(0, line.indexOf('|')).strip())
            .filter(column -> !column.isEmpty())
            .forEach(column -> code.writeBytes(hex.parseHex(column)));
        return code.toByteArray();
    }
}
