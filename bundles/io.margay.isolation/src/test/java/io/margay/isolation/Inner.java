// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Exit;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Runs the program of one plan as what another plan starts: with fewer rights, or under an emulator. */
final class Inner {

    private static final Identity NOBODY =
        new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534}));

    private Inner() {
    }

    /** How it ended. */
    record Result(Journey journey, Exit exit) {
        String fault() {
            return journey.fatal().map(Fault::text).orElse("");
        }
    }

    /** As nobody. */
    static Result asNobody(LaunchPlan inner) {
        return run(CallTable.compile(inner), inner, LaunchPlan.builder("nobody").identity(NOBODY), List.of());
    }

    /** As the user of the test, for another architecture. */
    static Result emulated(LaunchPlan inner, Architecture architecture, String emulator) {
        return run(CallTable.compile(inner, architecture), inner, LaunchPlan.builder("emulator"), List.of(emulator));
    }

    /** With a seccomp filter. */
    static Result filtered(LaunchPlan inner, byte[] filter) {
        return run(CallTable.compile(inner), inner,
            LaunchPlan.builder("filter").newPrivileges(false).seccomp(filter), List.of());
    }

    private static Result run(CallTable table, LaunchPlan inner, LaunchPlan.Builder outer, List<String> prefix) {
        Fd[] report = Sockets.pair(Sockets.SOCK_STREAM);
        try (Fd nothing = Files.open("/dev/null", Files.O_RDWR, 0)) {
            Path program = program(table);
            List<String> command = new ArrayList<>(prefix);
            command.add(program.toString());
            outer.program(command.getFirst(), command)
                .descriptor(table.numbers().report(), report[1]).descriptor(table.numbers().runner(), nothing);
            inner.descriptors().forEach(outer::descriptor);
            try (Started start = Launch.RUNNER.start(outer.build());
                Started started = new Started(start.pid(), inner.clones(), report[0], table)) {
                report[1].close();
                if (!start.await(5000) || !start.journey().faults().isEmpty() || !started.await(5000)) {
                    throw new AssertionError(start.journey().text() + started.journey().text());
                }
                return new Result(started.journey(), Launch.end(start.pid()));
            } finally {
                java.nio.file.Files.delete(program);
            }
        } catch (IOException failure) {
            throw new UncheckedIOException(failure);
        } finally {
            report[0].close();
            report[1].close();
        }
    }

    private static Path program(CallTable table) throws IOException {
        Path program = java.nio.file.Files.createTempFile("start", "");
        java.nio.file.Files.write(program, table.executable());
        java.nio.file.Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        return program;
    }
}
