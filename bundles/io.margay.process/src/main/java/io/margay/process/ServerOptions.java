// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The options of the server ({@code spec/processes.md §7}), wherever they come from. Paths are as given; a relative one
 * starts at the current directory.
 */
@ProviderType
public interface ServerOptions {

    /** {@return the address of the control socket: {@code unix:/path}, {@code unix:@name}, {@code 127.0.0.1:8000}} */
    String control();

    /** {@return the mode of a control socket file} */
    int controlMode();

    /** {@return who shall own the control socket file} */
    Optional<String> controlUser();

    /** {@return the group that the control socket file shall have} */
    Optional<String> controlGroup();

    /** {@return the file with the rules of who may use the control API} */
    String controlPolicy();

    /** {@return whether that file was named, and hence must exist} */
    boolean controlPolicyGiven();

    /** {@return the pid file} */
    String pid();

    /** {@return the log file} */
    String log();

    /** {@return the directory of the extension modules} */
    String modulesDirectory();

    /** {@return the directory of configuration, certificates and scripts} */
    String stateDirectory();

    /** {@return the directory whose files are applied when the state directory holds nothing yet} */
    Optional<String> importDirectory();

    /** {@return the directory for temporary files} */
    String temporaryDirectory();

    /** {@return the account of the unprivileged processes} */
    String user();

    /** {@return the group of the unprivileged processes; empty means the user's primary group} */
    Optional<String> group();
}
