// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Errno;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Writes the maps of a new credential namespace, in main, while the process waits (spec/isolation.md §5.2). */
public final class MapWriter {

    private final String proc;
    private final boolean setid;

    /**
     * A writer.
     *
     * @param setid whether the server may take any ids; else the namespace has to give up setgroups
     */
    public MapWriter(boolean setid) {
        this("/proc", setid);
    }

    MapWriter(String proc, boolean setid) {
        this.proc = proc;
        this.setid = setid;
    }

    /**
     * Writes the maps of the plan; nothing when it makes no credential namespace.
     *
     * @param pid the process, by the kernel's credentials of its message
     * @throws IsolationException when the kernel refuses; the process must then be refused too
     */
    public void write(int pid, LaunchPlan plan) {
        if (plan.namespaces().contains(Namespace.CREDENTIAL)) {
            map(proc + "/" + pid + "/uid_map", plan.uidMap());
            groups(pid);
            map(proc + "/" + pid + "/gid_map", plan.gidMap());
        }
    }

    private static void map(String path, List<IdMap> map) {
        try (Fd file = open(path)) {
            write(path, file, IdMap.lines(map));
        }
    }

    private static Fd open(String path) {
        try {
            return Files.open(path, Files.O_WRONLY, 0);
        } catch (PosixException failure) {
            throw alert("failed to open proc map (" + path + ") " + PosixException.describe(failure.errno()));
        }
    }

    private static void write(String path, Fd file, String content) {
        try {
            Files.writeAll(file.number(), content.getBytes(StandardCharsets.US_ASCII));
        } catch (PosixException failure) {
            String errno = PosixException.describe(failure.errno());
            throw alert(failure.errno() == Errno.EINVAL
                ? "failed to write " + path + ": Check kernel maximum allowed lines " + errno
                : "failed to write proc map (" + path + ") " + errno);
        }
    }

    /** Kernels before 3.19 lack the file and allow setgroups. */
    private void groups(int pid) {
        String path = proc + "/" + pid + "/setgroups";
        String call = "open";
        try (Fd file = Files.open(path, Files.O_WRONLY, 0)) {
            call = "write";
            Files.writeAll(file.number(), (setid ? "allow" : "deny").getBytes(StandardCharsets.US_ASCII));
        } catch (PosixException failure) {
            if (call.equals("write") || failure.errno() != Errno.ENOENT) {
                throw refused(pid, call + "(" + path + "): " + PosixException.describe(failure.errno()));
            }
        }
    }

    private static IsolationException refused(int pid, String cause) {
        return new IsolationException(List.of(new Notice(Severity.ALERT, cause),
            new Notice(Severity.ALERT, "failed to write /proc/" + pid + "/setgroups")));
    }

    private static IsolationException alert(String text) {
        return new IsolationException(Severity.ALERT, text);
    }
}
