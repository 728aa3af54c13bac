// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;

/**
 * Decides whether the server at the other end of a socket may see secrets. Anybody can listen where a server is
 * expected and does not run. So it must run as root or as this user. Of a socket file, the account that the file
 * belongs to will do as well, if nobody else could have put the file there.
 */
final class ServerPeer {
    private static final int WRITABLE_BY_OTHERS = 022;

    private final Accounts accounts;
    private final int self;

    /** Who owns files, who may write to them, and what users are called. */
    interface Accounts {
        /** {@return the user number of the owner; of a link, that of what it leads to} */
        int owner(Path file) throws IOException;

        /** {@return the mode of the file, of which the permission bits count} */
        int mode(Path file) throws IOException;

        /** {@return the name of a user as messages show it: {@code 33 (www-data)}, or the number alone} */
        String name(int uid);
    }

    /**
     * A judge.
     *
     * @param self the user number that this process has
     */
    ServerPeer(Accounts accounts, int self) {
        this.accounts = accounts;
        this.self = self;
    }

    /**
     * Lets a peer pass.
     *
     * @param uid of the server
     * @throws ToolException (unreachable) when it is a stranger; the message names its account
     */
    void check(ControlAddress address, int uid) throws ToolException {
        if (uid != 0 && uid != self && !(address instanceof ControlAddress.File file && owns(file.path(), uid))) {
            throw ToolException.unreachable(address.text() + ": the server there runs as uid " + accounts.name(uid)
                + ", which is neither root nor this user (uid " + Integer.toUnsignedString(self)
                + ") nor sure to own the socket; no certificate, key or script was sent to it");
        }
    }

    private boolean owns(Path socket, int uid) {
        try {
            Path named = socket.toAbsolutePath();
            // A link on the way must be as trustworthy as its goal.
            return accounts.owner(named) == uid && guarded(named.getParent(), uid)
                && guarded(real(named).getParent(), uid);
        } catch (IOException e) {
            // What cannot be seen speaks for nobody.
            return false;
        }
    }

    private static Path real(Path file) throws IOException {
        return Files.exists(file, LinkOption.NOFOLLOW_LINKS) ? file.toRealPath() : file.normalize();
    }

    /** Whether only root, this user and the server's may put files there and rename what is above. */
    private boolean guarded(Path directory, int uid) throws IOException {
        for (Path at = directory; at != null; at = at.getParent()) {
            int owner = accounts.owner(at);
            boolean known = owner == 0 || owner == self || owner == uid;
            if (!known || (accounts.mode(at) & WRITABLE_BY_OTHERS) != 0) {
                return false;
            }
        }
        return true;
    }
}
