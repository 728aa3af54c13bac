// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.osgi.annotation.versioning.ProviderType;
import org.osgi.framework.Bundle;

/** How a process of ours was started, and how it ends. Thread-safe. */
@ProviderType
public interface ProcessContext {

    /** {@return the name of the kind that this JVM is for} */
    String kind();

    /** {@return the program as the user called it, for messages and the title of the process} */
    String program();

    /** {@return the arguments as the user gave them; empty in a child} */
    List<String> arguments();

    /** {@return the options of the server; in a child the configured defaults} */
    ServerOptions options();

    /** {@return a property of the server, as {@code config/framework.properties} sets it} */
    Optional<String> property(String name);

    /** {@return whether a bundle of this framework is there in every process that needs it, from its start} */
    boolean has(Bundle bundle);

    /** {@return the start data that the parent left, as JSON; empty in main} */
    Optional<String> init();

    /** {@return the directory of the distribution, absolute} */
    Path home();

    /**
     * {@return the private directory of this process, absolute} Its account alone may enter; it is removed at the
     * exit. It is small and perhaps in memory: what clients send belongs into {@code --tmpdir}.
     * Others may enter its parent and not list it: main makes the directories of its children beside this one.
     */
    Path directory();

    /**
     * {@return the descriptor on which the start command waits} The owner of it is the kind: it should close it after
     * {@link #ready}. Empty when nobody waits.
     */
    OptionalInt statusDescriptor();

    /**
     * Lets the start command return 0 ({@code spec/processes.md §6}), and has boot caches rebuilt that do not fit
     * this JVM and these jars. Calls after the first have no effect.
     */
    void ready();

    /**
     * Installs and starts the bundles of a feature that this process does without until somebody asks for it; does
     * nothing when they are there. In a JVM that is not ours the bundles are the container's business, and nothing is
     * done. Takes its time: not for a loop.
     *
     * @param feature name of a feature file
     * @throws Exception when the file or a bundle is missing or does not start; the message says so
     */
    void demand(String feature) throws Exception;

    /** {@return what concerns the JVM as a whole} */
    HostProcess host();

    /**
     * {@return a child of that kind which has been started ahead and waits for its start data} Each is given once;
     * empty when there is none.
     */
    Optional<Prestarted> prestarted(String kind);

    /**
     * Starts a child of a kind ahead, which {@link #prestarted} gives then. On its line it says by one byte that it has
     * booted.
     *
     * @param parts jars that take the place of those of their name in the distribution
     * @return the child, whose line stays where it is; empty where none can be started ahead
     * @throws RuntimeException when it cannot be started
     */
    Optional<Prestarted> startAhead(String kind, List<Path> parts);

    /**
     * {@return the command that starts the JVM of another kind}
     *
     * @param parts jars that take the place of those of their name in the distribution; with some it boots slower
     */
    ChildCommand command(ProcessType type, List<Path> parts);

    /**
     * {@return the bundle of the distribution of a symbolic name} Empty when there is none, and where the bundles are
     * the container's business. Reads the manifests of the distribution.
     *
     * @throws IOException when one cannot be read
     */
    Optional<Part> part(String name) throws IOException;

    /** {@return the environment in which the user called the server, as applications inherit it} */
    Map<String, String> userEnvironment();

    /**
     * Removes what a killed JVM leaves outside its private directory. An orderly exit removes it by itself.
     *
     * @param pid of a child that was reaped
     */
    void forget(int pid);

    /**
     * Ends the process, or in a JVM that is not ours the work in it: {@link ProcessKind#stop} is called, the private
     * directory removed. Returns at once; may be called on any thread. The first code wins.
     *
     * @param code 0 to 255
     */
    void exit(int code);

    /** The work could not start: the process tells why and ends with 1. */
    void failed(Throwable reason);

    /**
     * A bundle of the distribution.
     *
     * @param jar the name of its file
     * @param version of the bundle
     * @param kinds of the processes that consist of it and others
     */
    record Part(String jar, String version, Set<String> kinds) {

        /** Copies the set. */
        public Part {
            kinds = Set.copyOf(kinds);
        }
    }

    /**
     * How the JVM of a child is started.
     *
     * @param executable absolute path of the java program
     * @param argv the arguments, the program first
     * @param environment of the child, its start data apart
     */
    record ChildCommand(String executable, List<String> argv, Map<String, String> environment) {

        /** Copies. */
        public ChildCommand {
            argv = List.copyOf(argv);
            environment = Map.copyOf(environment);
        }
    }
}
