// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.osgi.service.component.annotations.Component;

/**
 * A few figures of this process that cost little: {@code started} (milliseconds since 1970) and {@code cpu}
 * (milliseconds), {@code resident} (bytes), {@code threads}, {@code descriptors}.
 */
@Component
public final class ProcessInspector implements Inspector {
    private static final long KIB = 1024;

    private final Path proc;

    /** Inspects this process. */
    public ProcessInspector() {
        this(Path.of("/proc/self"));
    }

    ProcessInspector(Path proc) {
        this.proc = proc;
    }

    @Override
    public String name() {
        return "process";
    }

    @Override
    public Conf dump() {
        ProcessHandle.Info info = ProcessHandle.current().info();
        ConfObject.Builder told = ConfObject.builder().put("pid", ProcessHandle.current().pid())
            .put("started", info.startInstant().map(Instant::toEpochMilli).orElse(0L))
            .put("cpu", info.totalCpuDuration().map(Duration::toMillis).orElse(0L));
        try {
            // Lines like "VmRSS:     1234 kB" and "Threads: 12".
            Files.readString(proc.resolve("status"), StandardCharsets.ISO_8859_1).lines().forEach(line -> {
                String[] words = line.split("[:\\s]+");
                if (words[0].equals("VmRSS")) {
                    told.put("resident", Long.parseLong(words[1]) * KIB);
                } else if (words[0].equals("Threads")) {
                    told.put("threads", Long.parseLong(words[1]));
                }
            });
            told.put("descriptors", descriptors());
        } catch (IOException e) {
            told.put("error", String.valueOf(e));
        }
        return told.build();
    }

    private int descriptors() throws IOException {
        int count = 0;
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc.resolve("fd"))) {
            for (Path entry : entries) {
                count++;
            }
        }
        return count;
    }
}
