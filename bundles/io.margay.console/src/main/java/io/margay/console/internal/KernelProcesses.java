// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The processes of the server as the kernel shows them. Environments are never read. */
final class KernelProcesses {
    private static final int MAX = 2000;
    private static final int TITLE = 200;
    private static final int PARENT = 1;
    private static final long KIB = 1024;

    private final Path proc;
    private final Path pidFile;

    /** Looks into a directory like {@code /proc} for what descends from the process that a file names. */
    KernelProcesses(Path proc, Path pidFile) {
        this.proc = proc;
        this.pidFile = pidFile;
    }

    /** {@return the process id of main; empty while the server does not run} */
    Optional<Long> main() {
        try {
            return Optional.of(Long.parseLong(Files.readString(pidFile).strip()));
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** {@return main and all that descend from it, parents first} */
    private List<Long> tree() {
        Map<Long, List<Long>> children = new HashMap<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(proc, "[0-9]*")) {
            for (Path entry : entries) {
                long pid = Long.parseLong(entry.getFileName().toString());
                parent(pid).ifPresent(parent -> children.computeIfAbsent(parent, key -> new ArrayList<>()).add(pid));
            }
        } catch (IOException e) {
            return List.of();
        }
        List<Long> all = new ArrayList<>();
        main().ifPresent(all::add);
        for (int i = 0; i < all.size() && all.size() < MAX; i++) {
            List<Long> next = children.getOrDefault(all.get(i), List.of());
            next.stream().sorted().forEach(all::add);
        }
        return all;
    }

    private Optional<Long> parent(long pid) {
        String[] fields = stat(pid);
        return fields.length > PARENT ? Optional.of(Long.parseLong(fields[PARENT])) : Optional.empty();
    }

    /** What follows the name, in which anything may stand. */
    private String[] stat(long pid) {
        String text = read(pid, "stat");
        int end = text.lastIndexOf(')');
        return end < 0 || end + 2 >= text.length() ? new String[0] : text.substring(end + 2).split(" ");
    }

    private String read(long pid, String name) {
        try {
            return Files.readString(proc.resolve(Long.toString(pid)).resolve(name), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            // It has ended meanwhile, or belongs to somebody else.
            return "";
        }
    }

    /** {@return the bytes of memory of all processes, shared pages counted once for each sharer's part} */
    long memory() {
        return tree().stream().mapToLong(this::memory).sum();
    }

    private long memory(long pid) {
        Map<String, String> rollup = colons(read(pid, "smaps_rollup"));
        return kib(Optional.ofNullable(rollup.get("Pss")).orElseGet(() ->
            colons(read(pid, "status")).getOrDefault("VmRSS", "0")));
    }

    private static Map<String, String> colons(String text) {
        Map<String, String> values = new HashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                values.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return values;
    }

    private static long kib(String text) {
        String number = text.split(" ")[0];
        return number.matches("[0-9]{1,15}") ? Long.parseLong(number) * KIB : 0;
    }

    /** {@return an array with an object for each process} */
    ConfArray json() {
        List<Conf> all = new ArrayList<>();
        for (long pid : tree()) {
            one(pid).ifPresent(all::add);
        }
        return new ConfArray(all);
    }

    private Optional<ConfObject> one(long pid) {
        Map<String, String> status = colons(read(pid, "status"));
        String[] stat = stat(pid);
        if (stat.length <= PARENT || !status.containsKey("Uid")) {
            return Optional.empty();
        }
        return Optional.of(ConfObject.builder().put("pid", pid).put("parent", Long.parseLong(stat[PARENT]))
            .put("title", title(pid, status)).put("state", stat[0])
            .put("user", status.get("Uid").split("\\s+")[0])
            .put("threads", number(status.getOrDefault("Threads", "0")))
            .put("memory", memory(pid)).put("descriptors", descriptors(pid))
            .put("namespaces", namespaces(pid)).put("limits", limits(pid)).build());
    }

    /** {@return the processes whose titles hold a text} */
    Set<Long> titled(String text) {
        return tree().stream().filter(pid -> title(pid, Map.of()).contains(text)).collect(Collectors.toSet());
    }

    private static long number(String text) {
        return text.matches("[0-9]{1,18}") ? Long.parseLong(text) : 0;
    }

    /** What the process calls itself: of a command line only the first word, since others may hold secrets. */
    private String title(long pid, Map<String, String> status) {
        String line = read(pid, "cmdline").split("\0", 2)[0].strip();
        String title = line.isEmpty() ? status.getOrDefault("Name", "?") : line;
        return title.length() > TITLE ? title.substring(0, TITLE) : title;
    }

    private long descriptors(long pid) {
        long count = 0;
        try (DirectoryStream<Path> open = Files.newDirectoryStream(proc.resolve(pid + "/fd"))) {
            for (Path ignored : open) {
                count++;
            }
        } catch (IOException e) {
            return -1;
        }
        return count;
    }

    /** Those in which it is not where this process is. */
    private ConfArray namespaces(long pid) {
        List<Conf> other = new ArrayList<>();
        for (String kind : List.of("cgroup", "ipc", "mnt", "net", "pid", "user", "uts")) {
            try {
                Path theirs = Files.readSymbolicLink(proc.resolve(pid + "/ns/" + kind));
                if (!theirs.equals(Files.readSymbolicLink(proc.resolve("self/ns/" + kind)))) {
                    other.add(Conf.of(kind));
                }
            } catch (IOException e) {
                // It has ended, or the kernel lacks this kind.
                continue;
            }
        }
        return new ConfArray(other);
    }

    private ConfObject limits(long pid) {
        Map<String, String> found = new TreeMap<>();
        read(pid, "limits").lines().forEach(line -> {
            for (String name : List.of("Max open files", "Max processes", "Max address space", "Max core file size")) {
                if (line.startsWith(name)) {
                    found.put(name.substring("Max ".length()), line.substring(name.length()).strip().split("\\s+")[0]);
                }
            }
        });
        ConfObject.Builder limits = ConfObject.builder();
        found.forEach(limits::put);
        return limits.build();
    }
}
