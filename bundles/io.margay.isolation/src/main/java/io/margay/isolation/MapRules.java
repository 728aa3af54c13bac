// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.util.Arrays;
import java.util.List;

/** The validation of uid and gid maps; the numbers are those of the table in spec/isolation.md §5.1. */
final class MapRules {

    private final Server server;
    private final Account account;
    private final List<IdMap> uids;
    private final List<IdMap> gids;

    MapRules(Server server, Account account, List<IdMap> uids, List<IdMap> gids) {
        this.server = server;
        this.account = account;
        this.uids = uids;
        this.gids = gids;
    }

    void check(boolean credentialNamespace) {
        if (!credentialNamespace) {
            requireEmpty("uidmap", uids);
            requireEmpty("gidmap", gids);
        }
        if (uids.isEmpty() && gids.isEmpty()) {
            return;
        }
        if (server.setid()) {
            privileged();
        } else {
            unprivilegedUids();
            unprivilegedGids();
        }
    }

    /** Rule 1. */
    private static void requireEmpty(String name, List<IdMap> map) {
        if (!map.isEmpty()) {
            throw error('"' + name + "\" is set but \"isolation.namespaces.credential\" is false or unset");
        }
    }

    /** Rules 3 and 4. */
    private void unprivilegedUids() {
        if (uids.size() > 1) {
            throw notice("\"uidmap\" field has " + uids.size()
                + " entries but unprivileged unit has a maximum of 1 map.");
        }
        if (!uids.isEmpty() && uids.getFirst().host() != unsigned(server.uid())) {
            throw notice("\"uidmap\" field has an entry for host uid " + uids.getFirst().host()
                + " but unprivileged unit can only map itself (uid " + unsigned(server.uid())
                + ") into child namespaces.");
        }
    }

    /** Rules 6 to 10. */
    private void unprivilegedGids() {
        if (account.hasMoreGroups()) {
            throw notice("unprivileged unit disallow supplementary groups for new namespace (user \""
                + account.user() + "\" has " + account.groups().length + " group" + plural() + ").");
        }
        if (gids.isEmpty()) {
            return;
        }
        if (gids.size() > 1) {
            throw notice("\"gidmap\" field has " + gids.size()
                + " entries but unprivileged unit has a maximum of 1 map.");
        }
        IdMap map = gids.getFirst();
        if (map.host() != unsigned(server.gid())) {
            throw error("\"gidmap\" field has an entry for host gid " + map.host()
                + " but unprivileged unit can only map itself (gid " + unsigned(server.gid())
                + ") into child namespaces.");
        }
        if (map.size() > 1) {
            throw error("\"gidmap\" field has an entry with \"size\": " + map.size()
                + ", but for unprivileged unit it must be 1.");
        }
        if (map.container() != unsigned(account.gid())) {
            throw missing();
        }
    }

    /** Rules 5 and 11 to 13. */
    private void privileged() {
        if (!uids.isEmpty() && !covered(uids, account.uid())) {
            throw notice("\"uidmap\" field has no \"container\" entry for user \"" + account.user() + "\" (uid "
                + unsigned(account.uid()) + ")");
        }
        if (gids.isEmpty()) {
            if (account.hasMoreGroups()) {
                throw error("\"gidmap\" field has no entries but user \"" + account.user() + "\" has "
                    + account.groups().length + " suplementary group" + plural() + ".");
            }
            return;
        }
        if (!covered(gids, account.gid())) {
            throw missing();
        }
        int[] groups = account.groups();
        long found = Arrays.stream(groups).filter(gid -> covered(gids, gid)).count();
        if (found < groups.length) {
            throw error("\"gidmap\" field has missing suplementary gid mappings (found " + found + " out of "
                + groups.length + ").");
        }
    }

    private IsolationException missing() {
        return error("\"gidmap\" field has no \"container\" entry for gid " + unsigned(account.gid()) + ".");
    }

    private String plural() {
        return account.groups().length > 1 ? "s" : "";
    }

    private static boolean covered(List<IdMap> maps, int id) {
        return maps.stream().anyMatch(map -> map.contains(unsigned(id)));
    }

    private static long unsigned(int id) {
        return Integer.toUnsignedLong(id);
    }

    private static IsolationException notice(String text) {
        return new IsolationException(Severity.NOTICE, text);
    }

    private static IsolationException error(String text) {
        return new IsolationException(Severity.ERROR, text);
    }
}
