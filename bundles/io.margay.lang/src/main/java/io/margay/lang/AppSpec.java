// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * An application of the configuration with the options that every type has ({@code spec/app-dispatch.md §2}).
 *
 * @param name name in the configuration
 * @param conf its validated JSON object
 */
public record AppSpec(String name, ConfObject conf) {

    /** Memory for unread response data of a worker if {@code limits.shm} is absent, in bytes. */
    public static final long DEFAULT_MEMORY = 104_857_600;

    private static final long DEFAULT_IDLE_SECONDS = 15;
    /**
     * Unit waits for ever, so one hanging start blocks all others; models and large frameworks do need tens of seconds.
     */
    private static final long DEFAULT_START_SECONDS = 60;
    private static final long DEFAULT_STOP_SECONDS = 30;
    /** Unit's limit is one segment of its shared memory. */
    private static final long DEFAULT_HEAD = 10 << 20;
    private static final int SHOWN_NAME = 256;
    private static final long MAX_SECONDS = Integer.MAX_VALUE / 1000;
    private static final long MILLIS = 1000;

    /** The name as messages and titles show it, since a name may be of any length. */
    public String title() {
        return name.length() <= SHOWN_NAME ? name : name.substring(0, SHOWN_NAME) + "...";
    }

    /** The type word and version prefix as written. */
    public String type() {
        return conf.string("type").orElse("");
    }

    /**
     * Where the host has a file that the application names, to be looked at before a process is started; empty for a
     * path that is not absolute.
     */
    public Optional<Path> onHost(String path) {
        Path file = Path.of(path);
        String root = conf.get("isolation").orElse(ConfObject.EMPTY) instanceof ConfObject isolation
            ? isolation.string("rootfs").orElse("/") : "/";
        return file.isAbsolute() ? Optional.of(Path.of(root).resolve(file.toString().substring(1))) : Optional.empty();
    }

    /** Most workers, ready and starting. */
    public int maxProcesses() {
        return switch (processes()) {
            case ConfNumber n -> bounded(n.longValue(), 1);
            case ConfObject o -> bounded(o.integer("max", 1), 1);
            default -> 1;
        };
    }

    /** Idle workers to keep ready. */
    public int spareProcesses() {
        return switch (processes()) {
            case ConfNumber n -> bounded(n.longValue(), 1);
            case ConfObject o -> Math.min(bounded(o.integer("spare", 0), 0), maxProcesses());
            default -> 1;
        };
    }

    /** Life of an idle worker above {@link #spareProcesses} in milliseconds. */
    public long idleMillis() {
        return processes() instanceof ConfObject o
            ? Math.max(0, o.integer("idle_timeout", DEFAULT_IDLE_SECONDS)) * MILLIS : DEFAULT_IDLE_SECONDS * MILLIS;
    }

    /** Longest wait between two response parts in milliseconds; 0 is none. */
    public long timeoutMillis() {
        return Math.max(0, Math.min(limits().integer("timeout", 0), Long.MAX_VALUE / MILLIS)) * MILLIS;
    }

    /** Longest time from the order to start a worker until it is ready, in milliseconds. */
    public long startMillis() {
        long seconds = limits().integer("start_timeout", DEFAULT_START_SECONDS);
        return Math.max(1, Math.min(seconds, MAX_SECONDS)) * MILLIS;
    }

    /** Time in milliseconds in which a worker that is to leave has to do something: answer, or end. */
    public long stopMillis() {
        return Math.max(1, Math.min(limits().integer("stop_timeout", DEFAULT_STOP_SECONDS), MAX_SECONDS)) * MILLIS;
    }

    /** Longest response head in bytes. */
    public int maxHead() {
        return (int) Math.max(1, Math.min(limits().integer("response_head", DEFAULT_HEAD), 1 << 30));
    }

    /** Requests after which a worker is replaced; 0 is none. */
    public long maxRequests() {
        return Math.max(0, limits().integer("requests", 0));
    }

    /** Bytes of response data that a worker may have unread. */
    public long maxMemory() {
        return Math.max(0, limits().integer("shm", DEFAULT_MEMORY));
    }

    /** Contexts of a worker, at least 1. */
    public int threads() {
        return bounded(conf.integer("threads", 1), 1);
    }

    /** Names of the targets in their order; empty without {@code targets}. */
    public List<String> targets() {
        return conf.get("targets").orElse(ConfObject.EMPTY) instanceof ConfObject targets
            ? List.copyOf(targets.members().keySet()) : List.of();
    }

    /** Whether both stand for the same running application: equal name and equal text, member order included. */
    public boolean sameAs(AppSpec other) {
        return name.equals(other.name) && Arrays.equals(ConfWriter.compact(conf), ConfWriter.compact(other.conf));
    }

    private Conf processes() {
        return conf.get("processes").orElse(Conf.of(1));
    }

    private ConfObject limits() {
        return conf.get("limits").orElse(ConfObject.EMPTY) instanceof ConfObject limits ? limits : ConfObject.EMPTY;
    }

    private static int bounded(long value, int least) {
        return (int) Math.max(least, Math.min(value, Integer.MAX_VALUE));
    }
}
