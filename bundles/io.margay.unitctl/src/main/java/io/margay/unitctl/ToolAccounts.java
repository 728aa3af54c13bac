// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.Passwd;

/**
 * The accounts of this machine, by jnr-posix. Only for calls that have loaded jnr already: loading it takes longer than
 * all the rest of a call.
 */
final class ToolAccounts implements ServerPeer.Accounts {
    private final POSIX posix;

    /**
     * Loads jnr-posix.
     *
     * @throws IOException when it does not work on this machine
     */
    ToolAccounts() throws IOException {
        try {
            posix = POSIXFactory.getNativePOSIX();
        } catch (LinkageError e) {
            throw new IOException("jnr-posix does not work here: " + e, e);
        }
    }

    /** {@return the user number that this process has} */
    int self() {
        return posix.geteuid();
    }

    @Override
    public int owner(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:uid");
    }

    @Override
    public int mode(Path file) throws IOException {
        return (Integer) Files.getAttribute(file, "unix:mode");
    }

    @Override
    public String name(int uid) {
        Passwd entry = posix.getpwuid(uid);
        String number = Integer.toUnsignedString(uid);
        return entry == null ? number : number + " (" + Io.harmless(entry.getLoginName()) + ")";
    }
}
