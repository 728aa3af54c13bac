// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import io.margay.posix.Fd;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Everything that makes one process, as data. {@link CallTable} turns it into system calls, {@link Runner} starts it.
 * Immutable; the descriptors stay the caller's, who may close them once the process is started.
 *
 * @param name name in messages, such as {@code "blog" prototype}
 * @param mode what the process becomes
 * @param executable path of the program in the new root, without search; empty for a holder
 * @param arguments argument vector with {@code argv[0]}; the title of a holder
 * @param environment the exact environment
 * @param directory working directory inside the new root; empty: {@code /} after a change of root, else main's
 * @param descriptors own descriptors by their number in the process; all others are closed, and of 0 to 2 those that
 *     are not named are {@code /dev/null}
 * @param identity ids to take, empty keeps the ids of the server
 * @param namespaces namespaces to make
 * @param uidMap uids of a new credential namespace, written by {@link MapWriter}
 * @param gidMap gids of it
 * @param root new root directory, a path of the host
 * @param mounts mounts below {@code root}, in order
 * @param cgroup control group to join, by {@link Cgroups} during the handshake
 * @param limits resource limits
 * @param newPrivileges whether a program may gain privileges by exec
 * @param deathSignal signal when the starting <em>thread</em> of main ends; 0 for none
 * @param stdout file to append to, opened in the new root as the new user
 * @param stderr the same for descriptor 2
 * @param umask mask of file modes; empty inherits
 * @param seccomp filter program, 8 bytes an instruction; empty for none. It needs {@code newPrivileges} false
 * @param handshake exchange with main before privileges are dropped
 * @param enter namespaces of a holder to enter
 */
public record LaunchPlan(String name, Mode mode, String executable, List<String> arguments,
    Map<String, String> environment, Optional<String> directory, SortedMap<Integer, Fd> descriptors,
    Optional<Identity> identity, Set<Namespace> namespaces, List<IdMap> uidMap, List<IdMap> gidMap,
    Optional<String> root, List<Mount> mounts, Optional<String> cgroup, List<Limit> limits, boolean newPrivileges,
    int deathSignal, Optional<String> stdout, Optional<String> stderr, OptionalInt umask, byte[] seccomp,
    Optional<Handshake> handshake, Map<Namespace, Fd> enter) {

    /** What the process becomes. */
    public enum Mode {
        /** A program, in namespaces of its own if the plan names some. */
        EXEC,
        /**
         * The keeper of namespaces: it reaps what is orphaned in them and waits until main says QUIT, closes its port
         * or dies.
         */
        HOLDER,
        /** A program inside a holder's namespaces, a child of main nevertheless. */
        ENTER
    }

    /** Copies the collections and checks what no caller may get wrong. */
    public LaunchPlan {
        arguments = List.copyOf(arguments);
        environment = Collections.unmodifiableMap(new LinkedHashMap<>(environment));
        descriptors = Collections.unmodifiableSortedMap(new TreeMap<>(descriptors));
        namespaces = ordered(namespaces);
        uidMap = List.copyOf(uidMap);
        gidMap = List.copyOf(gidMap);
        mounts = List.copyOf(mounts);
        limits = List.copyOf(limits);
        seccomp = seccomp.clone();
        enter = Collections.unmodifiableMap(enter.isEmpty() ? Map.of() : new EnumMap<>(enter));
        PlanRules.check(mode, executable, arguments, environment);
        PlanRules.checkDescriptors(descriptors, handshake);
        PlanRules.checkRoot(root, mounts, namespaces);
        PlanRules.checkPaths(directory, stdout, stderr, root);
        PlanRules.checkSeccomp(seccomp, newPrivileges);
        if (mode == Mode.ENTER && !namespaces.isEmpty() || mode != Mode.ENTER && !enter.isEmpty()) {
            throw new IllegalArgumentException("a process enters namespaces or makes them");
        }
    }

    /** Starts a plan of that name. */
    public static Builder builder(String name) {
        return new Builder(name);
    }

    /**
     * Whether the process that is spawned makes another one, which carries the plan on, and ends with status 0. That
     * is the case when a pid namespace is made or entered: only a child is in it.
     */
    public boolean clones() {
        return namespaces.contains(Namespace.PID) || enter.containsKey(Namespace.PID);
    }

    /**
     * Whether the mounts are made in a mount namespace that nobody asked for. On the host those of successive processes
     * would lie on each other, the end of one would take those of another, and a killed server would leave them.
     */
    public boolean hidesMounts() {
        return !mounts.isEmpty() && !namespaces.contains(Namespace.MOUNT) && !enter.containsKey(Namespace.MOUNT);
    }

    /** The namespaces that it makes: those that were asked for, and one of mounts where it {@link #hidesMounts}. */
    public Set<Namespace> madeNamespaces() {
        if (!hidesMounts()) {
            return namespaces;
        }
        Set<Namespace> made = EnumSet.of(Namespace.MOUNT);
        made.addAll(namespaces);
        return Collections.unmodifiableSet(made);
    }

    private static Set<Namespace> ordered(Set<Namespace> namespaces) {
        Set<Namespace> copy = EnumSet.noneOf(Namespace.class);
        copy.addAll(namespaces);
        return Collections.unmodifiableSet(copy);
    }

    /** Collects a plan. Not for several threads. */
    public static final class Builder {
        private final String name;
        private Mode mode = Mode.EXEC;
        private String executable = "";
        private final List<String> arguments = new ArrayList<>();
        private final Map<String, String> environment = new LinkedHashMap<>();
        private Optional<String> directory = Optional.empty();
        private final SortedMap<Integer, Fd> descriptors = new TreeMap<>();
        private Optional<Identity> identity = Optional.empty();
        private final Set<Namespace> namespaces = EnumSet.noneOf(Namespace.class);
        private List<IdMap> uidMap = List.of();
        private List<IdMap> gidMap = List.of();
        private Optional<String> root = Optional.empty();
        private final List<Mount> mounts = new ArrayList<>();
        private Optional<String> cgroup = Optional.empty();
        private final List<Limit> limits = new ArrayList<>();
        private boolean newPrivileges = true;
        private int deathSignal;
        private Optional<String> stdout = Optional.empty();
        private Optional<String> stderr = Optional.empty();
        private OptionalInt umask = OptionalInt.empty();
        private byte[] seccomp = new byte[0];
        private Optional<Handshake> handshake = Optional.empty();
        private final Map<Namespace, Fd> enter = new EnumMap<>(Namespace.class);

        private Builder(String name) {
            this.name = name;
        }

        /** Sets the program and its whole argument vector, {@code argv[0]} included. */
        public Builder program(String path, List<String> argv) {
            executable = path;
            arguments.clear();
            arguments.addAll(argv);
            return this;
        }

        /** Makes the process a holder with that title. */
        public Builder holder(String title) {
            mode = Mode.HOLDER;
            arguments.clear();
            arguments.add(title);
            return this;
        }

        /** Makes the process enter these namespaces; see {@link HolderNamespaces}. */
        public Builder enter(Map<Namespace, Fd> into) {
            mode = Mode.ENTER;
            enter.putAll(into);
            return this;
        }

        /** Adds variables, replacing those of the same name. */
        public Builder environment(Map<String, String> variables) {
            environment.putAll(variables);
            return this;
        }

        /** Adds one variable. */
        public Builder environment(String variable, String value) {
            environment.put(variable, value);
            return this;
        }

        /** Sets the working directory. */
        public Builder directory(String path) {
            directory = Optional.of(path);
            return this;
        }

        /** Gives the process a descriptor under a number from 0 to {@value PlanRules#LAST_DESCRIPTOR}. */
        public Builder descriptor(int number, Fd fd) {
            descriptors.put(number, fd);
            return this;
        }

        /** Sets the ids. */
        public Builder identity(Identity ids) {
            identity = Optional.of(ids);
            return this;
        }

        /** Adds new namespaces. */
        public Builder namespaces(Set<Namespace> kinds) {
            namespaces.addAll(kinds);
            return this;
        }

        /** Sets the maps of a new credential namespace. */
        public Builder maps(List<IdMap> uids, List<IdMap> gids) {
            uidMap = uids;
            gidMap = gids;
            return this;
        }

        /** Sets the root directory. */
        public Builder root(String path) {
            root = Optional.of(path);
            return this;
        }

        /** Adds mounts. */
        public Builder mounts(List<Mount> more) {
            mounts.addAll(more);
            return this;
        }

        /** Sets the control group. */
        public Builder cgroup(String path) {
            cgroup = Optional.of(path);
            return this;
        }

        /** Adds a limit. */
        public Builder limit(Limit limit) {
            limits.add(limit);
            return this;
        }

        /** Sets whether exec may give privileges; true by default. */
        public Builder newPrivileges(boolean allowed) {
            newPrivileges = allowed;
            return this;
        }

        /**
         * Sets the signal that follows the death of the starting thread. The first process of a pid namespace is deaf
         * to all that it does not handle but SIGKILL.
         */
        public Builder deathSignal(int signal) {
            deathSignal = signal;
            return this;
        }

        /** Sets the file of standard output. */
        public Builder stdout(String path) {
            stdout = Optional.of(path);
            return this;
        }

        /** Sets the file of standard error. */
        public Builder stderr(String path) {
            stderr = Optional.of(path);
            return this;
        }

        /** Leaves standard output and standard error to the descriptors, whatever files were set before. */
        public Builder ownOutput() {
            stdout = Optional.empty();
            stderr = Optional.empty();
            return this;
        }

        /** Sets the mask of file modes. */
        public Builder umask(int mask) {
            umask = OptionalInt.of(mask);
            return this;
        }

        /** Sets the seccomp filter. */
        public Builder seccomp(byte[] filter) {
            seccomp = filter;
            return this;
        }

        /** Sets the handshake. */
        public Builder handshake(Handshake exchange) {
            handshake = Optional.of(exchange);
            return this;
        }

        /**
         * Makes the plan.
         *
         * @throws IllegalArgumentException when parts contradict each other
         */
        public LaunchPlan build() {
            return new LaunchPlan(name, mode, executable, arguments, environment, directory, descriptors, identity,
                namespaces, uidMap, gidMap, root, mounts, cgroup, limits, newPrivileges, deathSignal, stdout, stderr,
                umask, seccomp, handshake, enter);
        }
    }
}
