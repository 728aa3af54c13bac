// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.Inspector;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Set;
import org.osgi.service.component.annotations.Component;

/** The memory of this process in bytes: what the kernel counts, and what the JVM uses it for. */
@Component
public final class MemoryInspector implements Inspector {

    private static final long KIB = 1024;
    private static final Set<String> KERNEL = Set.of("Rss", "Pss", "Private_Clean", "Private_Dirty", "Swap");

    private final Path proc;

    /** Inspects this process. */
    public MemoryInspector() {
        this(Path.of("/proc/self"));
    }

    MemoryInspector(Path proc) {
        this.proc = proc;
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public Conf dump() {
        ConfObject.Builder pools = ConfObject.builder();
        for (MemoryPoolMXBean pool : ManagementFactory.getMemoryPoolMXBeans()) {
            pools.put(pool.getName(), ConfObject.builder().put("used", pool.getUsage().getUsed())
                .put("committed", pool.getUsage().getCommitted()).put("max", pool.getUsage().getMax()).build());
        }
        ConfObject.Builder collectors = ConfObject.builder();
        for (GarbageCollectorMXBean collector : ManagementFactory.getGarbageCollectorMXBeans()) {
            collectors.put(collector.getName(), ConfObject.builder().put("count", collector.getCollectionCount())
                .put("milliseconds", collector.getCollectionTime()).build());
        }
        return ConfObject.builder().put("process", kernel()).put("pools", pools.build())
            .put("collectors", collectors.build())
            .put("classes", ManagementFactory.getClassLoadingMXBean().getLoadedClassCount()).build();
    }

    private Conf kernel() {
        ConfObject.Builder made = ConfObject.builder();
        try {
            // Lines like "Pss:     1234 kB"; the first names the range of addresses.
            Files.readString(proc.resolve("smaps_rollup"), StandardCharsets.ISO_8859_1).lines().forEach(line -> {
                String[] words = line.split("[: ]+");
                if (words.length == 3 && KERNEL.contains(words[0])) {
                    made.put(words[0].toLowerCase(Locale.ROOT), Long.parseLong(words[1]) * KIB);
                }
            });
        } catch (NoSuchFileException e) {
            // A kernel without it shows less.
            return made.build();
        } catch (IOException e) {
            made.put("error", String.valueOf(e));
        }
        return made.build();
    }
}
