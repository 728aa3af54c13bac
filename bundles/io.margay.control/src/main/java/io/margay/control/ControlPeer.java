// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.ConfObject;
import java.util.List;

/** Who is at the other end of a control connection. Its text is the form of the log. */
public sealed interface ControlPeer {

    /** For replies. */
    ConfObject toConf();

    /**
     * A process of this machine, as the kernel knew it when it connected to the unix socket.
     *
     * @param uid effective user, unsigned
     * @param gid effective group, unsigned
     * @param pid its process id; another process may have it by now
     * @param groups its supplementary groups, unsigned; an unmodifiable copy
     */
    record Local(int uid, int gid, int pid, List<Integer> groups) implements ControlPeer {

        /** Copies the list. */
        public Local {
            groups = List.copyOf(groups);
        }

        @Override
        public ConfObject toConf() {
            return ConfObject.builder().put("uid", Integer.toUnsignedLong(uid)).put("gid", Integer.toUnsignedLong(gid))
                .put("pid", pid).build();
        }

        @Override
        public String toString() {
            return "uid " + Integer.toUnsignedString(uid) + ", gid " + Integer.toUnsignedString(gid) + ", pid " + pid;
        }
    }

    /**
     * A client without an identity: it came over TCP, or the kernel did not tell.
     *
     * @param address for people
     */
    record Remote(String address) implements ControlPeer {

        @Override
        public ConfObject toConf() {
            return ConfObject.builder().put("address", address).build();
        }

        @Override
        public String toString() {
            return address;
        }
    }
}
