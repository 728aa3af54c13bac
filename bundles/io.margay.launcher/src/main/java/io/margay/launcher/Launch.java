// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.osgi.annotation.versioning.ProviderType;

/**
 * How this process was started. A service of each framework, registered before the first bundle starts; thread-safe.
 */
@ProviderType
public interface Launch {
    /** {@return the name of the role: {@code main}, {@code controller} or {@code router}} */
    String role();

    /** {@return the program as the user called it, for messages and the title of the process} */
    String program();

    /** {@return the arguments as the user gave them; empty in a child} */
    List<String> arguments();

    /** {@return the parsed command line; in a child the configured defaults} */
    CommandLine commandLine();

    /** {@return the start data that the parent left in {@code MARGAY_INIT}, as JSON; empty in main} */
    Optional<String> init();

    /** {@return the directory of the distribution, absolute} */
    Path home();

    /**
     * {@return the private directory of this process, absolute} Its account alone may enter; it is removed at the
     * exit. It is small and perhaps in memory: what clients send belongs into {@code --tmpdir}.
     * Others may enter its parent and not list it: main makes the directories of its children beside this one.
     */
    Path directory();

    /** {@return whether this is a training run} */
    boolean training();

    /**
     * {@return the descriptor on which the start command waits} The owner of it is the role: it should close it after
     * {@link #ready}. Empty when nobody waits.
     */
    OptionalInt statusDescriptor();

    /**
     * Lets the start command return 0 ({@code spec/processes.md §6}), and has boot caches rebuilt that do not fit
     * this JVM and these jars. Calls after the first have no effect.
     */
    void ready();

    /** {@return the command that starts a child of this role} */
    RoleCommand command(String role);

    /**
     * Removes the private directory and ends the process; no bundle is stopped. Returns at once; may be called on any
     * thread. The first code wins.
     *
     * @param code 0 to 255
     */
    void exit(int code);
}
