// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.conf.ConfObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What the configuration of an application says about its processes, checked against what the server may do
 * (spec/isolation.md §2 to §12). Immutable.
 *
 * @param account the user; the server's own ids when they cannot be changed
 * @param changesIds whether the ids of the account are taken
 * @param setid whether the server may take any ids
 * @param namespaces namespaces to make
 * @param uidMap uids of the credential namespace, the default filled in; empty without one
 * @param gidMap gids of it
 * @param root root directory
 * @param automount what is mounted below it
 * @param newPrivileges whether exec may give privileges
 * @param cgroup control group
 * @param environment variables to add
 * @param directory working directory inside the root
 * @param stdout file of standard output; empty when it stays that of the server
 * @param stderr file of standard error; empty when it stays that of the server
 * @param notices warnings for the log
 */
public record Isolation(Account account, boolean changesIds, boolean setid, Set<Namespace> namespaces,
    List<IdMap> uidMap, List<IdMap> gidMap, Optional<String> root, Automount automount, boolean newPrivileges,
    Optional<String> cgroup, Map<String, String> environment, Optional<String> directory, Optional<String> stdout,
    Optional<String> stderr, List<Notice> notices) {

    /**
     * Reads an application.
     *
     * @param name the application's name, for messages
     * @param application its object in the configuration, valid by its schema
     * @param server what main may do
     * @param accounts finds users
     * @throws IsolationException when a rule forbids the start
     */
    public static Isolation parse(String name, ConfObject application, Server server, Account.Resolver accounts) {
        IsolationOptions options = new IsolationOptions(application);
        Optional<String> cgroup = options.cgroup();
        Set<Namespace> namespaces = options.namespaces();
        List<IdMap> uids = options.map("uidmap");
        List<IdMap> gids = options.map("gidmap");
        boolean credential = namespaces.contains(Namespace.CREDENTIAL);
        Optional<String> root = options.root();
        if (root.isPresent() && !server.chroot() && !credential) {
            throw new IsolationException(Severity.ERROR, "The \"rootfs\" field requires privileges");
        }
        boolean changes = server.setid() || credential;
        Account account = account(name, options, server, changes, accounts);
        List<Notice> notices = new ArrayList<>();
        if (root.isPresent() && account.uid() == 0 && !namespaces.contains(Namespace.MOUNT)) {
            notices.add(new Notice(Severity.WARN,
                "setting user \"root\" with \"rootfs\" is unsafe without \"mount\" namespace isolation"));
        }
        new MapRules(server, account, uids, gids).check(credential);
        if (credential) {
            uids = orItself(uids, account.uid(), server.setid() ? account.uid() : server.uid());
            gids = orItself(gids, account.gid(), server.setid() ? account.gid() : server.gid());
        }
        return new Isolation(account, changes, server.setid(), namespaces, List.copyOf(uids), List.copyOf(gids), root,
            options.automount(), options.newPrivileges(), cgroup, options.environment(),
            options.text("working_directory"), options.text("stdout").filter(path -> !path.isEmpty()),
            options.text("stderr").filter(path -> !path.isEmpty()), List.copyOf(notices));
    }

    private static Account account(String name, IsolationOptions options, Server server, boolean changes,
        Account.Resolver accounts) {
        Optional<String> user = options.text("user");
        Optional<String> group = options.text("group");
        if (changes) {
            return accounts.resolve(user.orElse(server.user()), group.orElse(""));
        }
        user.filter(other -> !other.equals(server.user())).ifPresent(other -> {
            throw new IsolationException(Severity.ALERT,
                "cannot set user \"" + other + "\" for app \"" + name + "\": missing capabilities");
        });
        group.filter(other -> !other.equals(server.group())).ifPresent(other -> {
            throw new IsolationException(Severity.ALERT,
                "cannot set group \"" + other + "\" for app \"" + name + "\": missing capabilities");
        });
        return new Account(user.orElse(server.user()), server.uid(), server.gid(), new int[0]);
    }

    private static List<IdMap> orItself(List<IdMap> map, int inside, int outside) {
        return map.isEmpty()
            ? List.of(new IdMap(Integer.toUnsignedLong(inside), Integer.toUnsignedLong(outside), 1)) : map;
    }

    /**
     * Puts all of it into a plan. Variables of the configuration replace those that the plan has already.
     *
     * @param mounts what {@link Mounts#of} says for this application
     */
    public LaunchPlan.Builder apply(LaunchPlan.Builder plan, List<Mount> mounts) {
        plan.namespaces(namespaces).maps(uidMap, gidMap);
        root.ifPresent(path -> plan.root(path).mounts(mounts));
        return process(plan);
    }

    /**
     * Puts into a plan what is left for a process that enters the namespaces of a holder, to whose plan {@link #apply}
     * has put all: with a mount namespace that was asked for, the root of that namespace is the application's.
     *
     * @param holder namespaces of a holder that was started with the same isolation
     */
    public LaunchPlan.Builder enter(LaunchPlan.Builder plan, HolderNamespaces holder) {
        plan.enter(holder.descriptors());
        root.filter(path -> !namespaces.contains(Namespace.MOUNT)).ifPresent(plan::root);
        return process(plan);
    }

    private LaunchPlan.Builder process(LaunchPlan.Builder plan) {
        plan.newPrivileges(newPrivileges).environment(environment);
        if (changesIds) {
            Optional<int[]> groups = setid ? Optional.of(account.groups()) : Optional.empty();
            plan.identity(new Identity(account.user(), account.uid(), account.gid(), groups));
        }
        cgroup.ifPresent(plan::cgroup);
        directory.ifPresent(plan::directory);
        stdout.ifPresent(plan::stdout);
        stderr.ifPresent(plan::stderr);
        return plan;
    }
}
