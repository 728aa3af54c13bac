// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Component;

/** {@code proc:list}: Shows the processes of the server. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=proc", "osgi.command.function=list"})
public final class ProcList extends ShellCommand {
    private static final int MOST = 4096;

    /** Declares it. */
    public ProcList() {
        super("proc:list", "", "Shows the processes of the server.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        TextTable table = new TextTable("PID", "PARENT", "MEMORY", "TITLE");
        ProcessHandle self = ProcessHandle.current();
        Stream.concat(Stream.of(self), self.descendants().sorted(Comparator.comparingLong(ProcessHandle::pid)))
            .forEach(process -> row(table, process));
        return table.toString();
    }

    private static void row(TextTable table, ProcessHandle process) {
        String folder = "/proc/" + process.pid() + "/";
        try {
            String title = read(folder + "cmdline").split("\0", 2)[0];
            String memory = read(folder + "status").lines().filter(line -> line.startsWith("VmRSS:"))
                .map(line -> line.substring("VmRSS:".length()).strip()).findFirst().orElse("");
            table.row(process.pid(), process.parent().map(ProcessHandle::pid).orElse(0L), memory, title);
        } catch (IOException e) {
            // It has ended meanwhile.
            return;
        }
    }

    private static String read(String file) throws IOException {
        try (InputStream in = Files.newInputStream(Path.of(file))) {
            return new String(in.readNBytes(MOST), StandardCharsets.UTF_8);
        }
    }
}
