// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.Identity;
import io.margay.isolation.Isolation;
import io.margay.isolation.LaunchPlan;
import io.margay.isolation.Namespace;
import io.margay.log.ErrorLog;
import io.margay.posix.Credentials;
import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;
import io.margay.posix.Signals;
import io.margay.process.ProcessEntry;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntPredicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a worker leaves behind when it ends: processes that have all the sockets by which requests come to it, like a
 * program that puts itself into the background, or the server that a script had started and waited for. Nobody knows
 * their pids, and they would take requests, or the memory of the machine, start after start. A process without these
 * sockets is a matter of the application. Nor is one ended that the worker could not have ended itself: a hostile one
 * can send its sockets to a process of somebody else. Used on main's loop.
 */
final class Leftovers {

    private static final Path PROC = Path.of("/proc");
    /** They may fork while they are looked for. */
    private static final int LOOKS = 3;
    /** One that goes on in a child of its own may be missed: it has just ended, and the child was not there before. */
    private static final int AGAIN_MILLIS = 500;

    /** Real, effective, saved and file system id. */
    private static final Pattern IDS = Pattern.compile("(?m)^Uid:\\t(\\d+)\\t\\d+\\t(\\d+)\\t\\d+$");

    private final String name;
    private final long owner;
    private final ErrorLog journal;
    /** Processes that are known, the router among them, which may have these sockets, too. */
    private final IntPredicate known;
    private final Set<String> sockets = new HashSet<>();

    /**
     * Notes the sockets among the descriptors that a worker is given.
     *
     * @param plan the start of the worker, which says what it is called and who it is
     * @param isolation what the accounts of its namespaces are to main's
     */
    Leftovers(LaunchPlan plan, Isolation isolation, Collection<Fd> descriptors, IntPredicate known,
            ErrorLog journal) {
        this.name = plan.name();
        this.owner = owner(plan, isolation);
        this.journal = journal;
        this.known = known;
        for (Fd fd : descriptors) {
            String link = link(PROC.resolve("self/fd").resolve(Integer.toString(fd.number())));
            if (link.startsWith("socket:")) {
                sockets.add(link);
            }
        }
    }

    /** {@return the uid of the worker as main's namespace has it, -1 when it can have none} */
    private static long owner(LaunchPlan plan, Isolation isolation) {
        long uid = Integer.toUnsignedLong(plan.identity().map(Identity::uid).orElseGet(Credentials::effectiveUid));
        return isolation.namespaces().contains(Namespace.CREDENTIAL) && plan.identity().isPresent()
            ? isolation.uidMap().stream().filter(map -> map.contains(uid))
                .mapToLong(map -> map.host() + uid - map.container()).findFirst().orElse(-1)
            : uid;
    }

    /**
     * Whether a process of this account may send a signal (kill(2)).
     *
     * @param status of the process that would get it, from /proc
     */
    static boolean mayEnd(long uid, String status) {
        Matcher ids = IDS.matcher(status);
        return uid == 0 || ids.find() && Long.parseLong(ids.group(1)) == uid && Long.parseLong(ids.group(2)) == uid;
    }

    /**
     * The worker has ended. One that was told to leave, and did so by itself, has seen to what it had started; what
     * others leave is killed, or told to leave when the worker was, too.
     *
     * @return milliseconds after which to {@link #kill} what is there then, 0 for never
     */
    long end(ProcessEntry worker) {
        boolean alone = worker.exit().filter(exit -> !exit.signalled()).isPresent();
        if (sockets.isEmpty() || worker.isLeaving() && alone) {
            return 0;
        }
        if (!worker.isLeaving()) {
            return kill(worker) ? 0 : AGAIN_MILLIS;
        }
        List<Integer> left = find();
        left.forEach(pid -> signal(pid, Signals.SIGTERM));
        return left.isEmpty() ? 0 : ProcessStart.LEAVE_MILLIS;
    }

    /**
     * Kills those that there are, whatever they were told.
     *
     * @return whether there were some
     */
    boolean kill(ProcessEntry worker) {
        for (int look = 0; look < LOOKS; look++) {
            List<Integer> left = find();
            if (left.isEmpty()) {
                return look > 0;
            }
            left.forEach(pid -> signal(pid, Signals.SIGKILL));
            String text = name + ": process " + worker.pid() + " has ended and left its sockets to " + left
                + ", killed with it";
            if (worker.exit().filter(exit -> exit.signalled()).isPresent()) {
                // That it was killed is said already, and why.
                journal.notice(text);
            } else {
                journal.alert(text + "; a program has to stay in the foreground");
            }
        }
        return true;
    }

    private List<Integer> find() {
        List<Integer> found = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(PROC, "[1-9]*")) {
            for (Path process : entries) {
                int pid = Integer.parseInt(process.getFileName().toString());
                if (!known.test(pid) && mayEnd(owner, status(process)) && holds(process.resolve("fd"))) {
                    found.add(pid);
                }
            }
        } catch (IOException | DirectoryIteratorException e) {
            journal.warn("/proc cannot be read: " + e.getMessage());
        }
        return found;
    }

    private boolean holds(Path descriptors) {
        Set<String> missing = new HashSet<>(sockets);
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(descriptors)) {
            for (Path entry : entries) {
                missing.remove(link(entry));
            }
        } catch (IOException | DirectoryIteratorException e) {
            // It has ended, or belongs to somebody whose processes are none of ours.
            return false;
        }
        return missing.isEmpty();
    }

    private static String status(Path process) {
        try {
            return Files.readString(process.resolve("status"));
        } catch (IOException e) {
            // It has ended.
            return "";
        }
    }

    private static String link(Path descriptor) {
        try {
            return Files.readSymbolicLink(descriptor).toString();
        } catch (IOException e) {
            // It was closed meanwhile.
            return "";
        }
    }

    private void signal(int pid, int number) {
        try {
            Processes.kill(pid, number);
        } catch (PosixException e) {
            if (e.errno() != Errno.ESRCH) {
                journal.alert(e.getMessage());
            }
        }
    }
}
