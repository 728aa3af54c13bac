// SPDX-License-Identifier: Apache-2.0
package io.margay.posix;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What {@link Processes#spawn} starts. Immutable; each {@code with} method returns a changed copy.
 *
 * <p>The child gets exactly the descriptors of {@link #fds} and, unless these name them, our 0, 1 and 2; every other
 * one is closed. Its signal mask is {@link #blocked}, and no signal stays ignored.
 *
 * @param path the executable; not searched in PATH
 * @param arguments argv with argv[0]
 * @param environment lines {@code NAME=value}
 * @param fds numbers in the child and the descriptors of this process that they duplicate
 * @param blocked signals that start blocked
 * @param newSession whether the child leads a new session
 */
public record SpawnSpec(String path, List<String> arguments, List<String> environment, Map<Integer, Integer> fds,
    List<Integer> blocked, boolean newSession) {

    /** Copies the collections. */
    public SpawnSpec {
        arguments = List.copyOf(arguments);
        environment = List.copyOf(environment);
        fds = Collections.unmodifiableMap(new TreeMap<>(fds));
        blocked = List.copyOf(blocked);
    }

    /** A child with an empty environment, no descriptor of its own, nothing blocked, in our session. */
    public static SpawnSpec of(String path, List<String> arguments) {
        return new SpawnSpec(path, arguments, List.of(), Map.of(), List.of(), false);
    }

    /** The same with this environment. */
    public SpawnSpec withEnvironment(List<String> lines) {
        return new SpawnSpec(path, arguments, lines, fds, blocked, newSession);
    }

    /** The same with this environment. */
    public SpawnSpec withEnvironment(Map<String, String> variables) {
        List<String> lines = new ArrayList<>(variables.size());
        variables.forEach((name, value) -> lines.add(name + "=" + value));
        return withEnvironment(lines);
    }

    /** The same with one more descriptor: {@code child} in the child refers to our {@code parent}. */
    public SpawnSpec withFd(int child, int parent) {
        Map<Integer, Integer> more = new TreeMap<>(fds);
        more.put(child, parent);
        return new SpawnSpec(path, arguments, environment, more, blocked, newSession);
    }

    /** The same with these signals blocked at the start. */
    public SpawnSpec withBlocked(Integer... signals) {
        return new SpawnSpec(path, arguments, environment, fds, List.of(signals), newSession);
    }

    /** The same as leader of a new session. */
    public SpawnSpec withNewSession() {
        return new SpawnSpec(path, arguments, environment, fds, blocked, true);
    }

}
