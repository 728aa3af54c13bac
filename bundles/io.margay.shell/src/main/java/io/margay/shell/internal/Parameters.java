// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.apache.felix.service.command.Function;

/**
 * What a command takes.
 *
 * @param text as it is shown: {@code NAME [FILE] [-f]}
 * @param labels of the words, in order
 * @param required how many of them must be there
 * @param flags that may stand anywhere
 */
record Parameters(String text, List<String> labels, int required, Set<String> flags) {

    /**
     * A call of a command.
     *
     * @param words in the order of the labels
     * @param flags that were given
     */
    record Given(List<String> words, Set<String> flags) {
    }

    static Parameters of(String text) {
        List<String> labels = new ArrayList<>();
        Set<String> flags = new LinkedHashSet<>();
        int required = 0;
        for (String word : text.isEmpty() ? new String[0] : text.split(" ")) {
            String bare = word.replaceAll("[\\[\\]]", "");
            if (bare.startsWith("-")) {
                flags.add(bare);
            } else {
                labels.add(bare);
                required += word.equals(bare) ? 1 : 0;
            }
        }
        return new Parameters(text, List.copyOf(labels), required, flags);
    }

    /**
     * Sorts the arguments of a call.
     *
     * @param command for messages
     * @throws ShellException that says what is wrong with them
     */
    Given check(String command, List<Object> arguments) throws ShellException {
        List<String> words = new ArrayList<>();
        Set<String> given = new LinkedHashSet<>();
        boolean open = true;
        for (Object argument : arguments) {
            if (argument instanceof Function || !(argument instanceof CharSequence) && !(argument instanceof Number)) {
                throw wrong(command, "brackets are the shell's own; put JSON in single quotes");
            }
            String word = argument.toString();
            if (open && word.equals("--")) {
                open = false;
            } else if (open && word.length() > 1 && word.startsWith("-")) {
                if (!flags.contains(word)) {
                    throw wrong(command, "there is no option \"" + word + "\"");
                }
                given.add(word);
            } else {
                words.add(word);
            }
        }
        if (words.size() < required) {
            throw wrong(command, labels.get(words.size()) + " is missing");
        }
        if (words.size() > labels.size()) {
            throw wrong(command, "\"" + words.get(labels.size()) + "\" is too much");
        }
        return new Given(List.copyOf(words), given);
    }

    private ShellException wrong(String command, String what) {
        return new ShellException(ShellException.USAGE, command + ": " + what + "; usage: "
            + (command + " " + text).stripTrailing());
    }
}
