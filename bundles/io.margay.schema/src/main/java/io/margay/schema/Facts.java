// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** What validation must know besides the configuration; asked on the thread that validates. */
@ConsumerType
public interface Facts {

    /** The language modules at hand. */
    ModuleTypes modules();

    /**
     * True when something that runs reads the options of a reader.
     *
     * @param reader as a schema file names it: {@code action:share}, or one word for what every server has
     */
    default boolean reads(String reader) {
        return true;
    }

    /** The processors of the machine, or of the part of it that the server may use. */
    default int processors() {
        return Runtime.getRuntime().availableProcessors();
    }

    /** True when a certificate bundle of this name is stored. */
    default boolean certificate(String name) {
        return false;
    }

    /** True when a certificate bundle that is stored has a private key, so that a server can show it. */
    default boolean key(String name) {
        return true;
    }

    /** True when a script module of this name is stored. */
    default boolean script(String name) {
        return false;
    }

    /**
     * True for an application that is configured but left out of service, so that its own options are not tested; what
     * points to it is.
     */
    default boolean leftOut(String application) {
        return false;
    }

    /**
     * What is wrong with a regular expression, as the tail of {@code Invalid regular expression: …}; the default
     * tells by compiling it.
     */
    default Optional<String> regexProblem(String regex) {
        return RegexSyntax.problem(regex);
    }

    /**
     * What is wrong with a script template (it begins with a backtick), asked where a schema names who evaluates them;
     * the default finds nothing.
     */
    default Optional<String> scriptProblem(String template) {
        return Optional.empty();
    }

    /** Facts of a server that has language modules only. */
    static Facts of(ModuleTypes modules) {
        return () -> modules;
    }
}
