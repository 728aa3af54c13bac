// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import io.margay.posix.PosixException;
import io.margay.posix.Processes;

/**
 * The steps of becoming a daemon that a JVM can take itself ({@code spec/processes.md §10}). A JVM cannot fork, so the
 * program that starts it does that and ends when main is ready.
 */
public final class Daemon {

    /** The umask of the server. */
    public static final int UMASK = 0022;

    private Daemon() {
    }

    /**
     * Whether the server leaves the terminal.
     *
     * @param noDaemon the option
     * @param inherited sockets it was started with; whoever passes some waits for the process itself
     */
    public static boolean detaches(boolean noDaemon, InheritedSockets inherited) {
        return !noDaemon && !inherited.present();
    }

    /**
     * Starts a session and puts standard input and output on /dev/null; standard error stays on the log.
     *
     * @throws StartException with the alert to log
     */
    public static void detach() {
        try {
            Processes.setsid();
        } catch (PosixException e) {
            throw failed("setsid()", e);
        }
        Processes.umask(UMASK);
        nullStreams(0, 1);
    }

    static void nullStreams(int input, int output) {
        Fd device;
        try {
            device = Files.open("/dev/null", Files.O_RDWR, 0);
        } catch (PosixException e) {
            throw failed("open(\"/dev/null\")", e);
        }
        // Were 0 or 1 closed, the device could have got that number and must stay open.
        boolean extra = device.number() > 2;
        duplicate(device, input, "STDIN");
        duplicate(device, output, "STDOUT");
        if (extra) {
            device.close();
        } else {
            device.release();
        }
    }

    private static void duplicate(Fd device, int target, String name) {
        try {
            Descriptors.duplicateTo(device.number(), target);
        } catch (PosixException e) {
            throw failed("dup2(\"/dev/null\", " + name + ")", e);
        }
    }

    private static StartException failed(String call, PosixException e) {
        return new StartException(call + " failed " + PosixException.describe(e.errno()), e);
    }
}
