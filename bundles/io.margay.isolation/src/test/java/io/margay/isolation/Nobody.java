// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.Sockets;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/** Runs a plan without privileges: one start becomes nobody and executes the program of another. */
final class Nobody {

    static final Identity IDENTITY = new Identity("nobody", 65534, 65534, Optional.of(new int[] {65534}));

    private Nobody() {
    }

    /** Runs a plan without handshake to the end of its journey and of its process. */
    static Journey run(LaunchPlan inner) {
        CallTable table = CallTable.compile(inner);
        Fd[] report = Sockets.pair(Sockets.SOCK_STREAM);
        try (Fd nothing = Files.open("/dev/null", Files.O_RDWR, 0)) {
            Path program = program(table);
            LaunchPlan.Builder outer = LaunchPlan.builder("nobody").identity(IDENTITY)
                .program(program.toString(), List.of("start"))
                .descriptor(table.numbers().report(), report[1]).descriptor(table.numbers().runner(), nothing);
            inner.descriptors().forEach(outer::descriptor);
            try (Started start = Launch.RUNNER.start(outer.build());
                Started started = new Started(start.pid(), inner.clones(), report[0], table)) {
                report[1].close();
                if (!start.await(5000) || !start.journey().faults().isEmpty() || !started.await(5000)) {
                    throw new AssertionError(start.journey().text() + started.journey().text());
                }
                Launch.end(start.pid());
                return started.journey();
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
