// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * The kinds of processes; the ordinal is the number on the wire and the index of the matrices
 * ({@code spec/processes.md §1}).
 */
public enum ProcessType {

    /** The privileged helper. */
    MAIN("main", false),
    /** Finds the language modules, then ends. */
    DISCOVERY("discovery", false),
    /** The control API. */
    CONTROLLER("controller", true),
    /** Listeners, HTTP and application scheduling. */
    ROUTER("router", true),
    /** One for each application: loads the language and forks workers. */
    PROTOTYPE("prototype", false),
    /** Runs application code. */
    APP("app", false);

    /** A title is cut behind this many bytes. */
    public static final int MAX_TITLE = 2047;

    private final String word;
    private final boolean restartable;

    ProcessType(String word, boolean restartable) {
        this.word = word;
        this.restartable = restartable;
    }

    /** The type of a number on the wire; empty when there is none. */
    public static Optional<ProcessType> of(int number) {
        return number >= 0 && number < values().length ? Optional.of(values()[number]) : Optional.empty();
    }

    /** The number on the wire. */
    public int number() {
        return ordinal();
    }

    /** The word that names the type in logs. */
    public String word() {
        return word;
    }

    /** Whether main starts it again when it has died. */
    public boolean restartable() {
        return restartable;
    }

    /** Whether it serves an application. */
    public boolean ofApplication() {
        return this == PROTOTYPE || this == APP;
    }

    /**
     * Name of a process in logs and in its title.
     *
     * @param application the application's name; ignored for core processes
     */
    public String name(String application) {
        return switch (this) {
            case PROTOTYPE -> "\"" + application + "\" prototype";
            case APP -> "\"" + application + "\" application";
            default -> word;
        };
    }

    /**
     * Title of a process other than main, as {@code ps} shows it.
     *
     * @param application the application's name; ignored for core processes
     */
    public String title(String application) {
        return cut("unit: " + name(application));
    }

    /**
     * Title of main.
     *
     * @param version product version
     * @param argv the command line with the program; empty leaves the brackets out
     */
    public static String mainTitle(String version, List<String> argv) {
        String command = argv.isEmpty() ? "" : " [" + String.join(" ", argv) + "]";
        return cut("unit: main v" + version + command);
    }

    /** Cuts at a character border, so that a title never ends in half a character. */
    private static String cut(String title) {
        if (title.getBytes(StandardCharsets.UTF_8).length <= MAX_TITLE) {
            return title;
        }
        int end = title.length();
        while (title.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MAX_TITLE) {
            end = title.offsetByCodePoints(end, -1);
        }
        return title.substring(0, end);
    }
}
