// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import java.util.List;
import java.util.regex.Pattern;

/**
 * A file that saves processes of a language work, as an archive of classes does: programs of the language make it once,
 * in the background and without privileges, and the server keeps it beyond its own life. Neither the program nor
 * anything else of an application may have a part in it, since all applications use it.
 *
 * @param name of the file and of its descriptor: names everything that it was made from, so that what has changed has
 *     another name; small letters, digits, dots and hyphens
 * @param steps the programs, one after the other; each finds an empty memory file under the name {@link #FILE}, which
 *     holds the result in the end, and one under {@link #SCRATCH}
 */
public record PreparedContent(String name, List<Launch> steps) {

    /** Name of the descriptor of the file that is made. */
    public static final String FILE = "prepared";
    /** Name of the descriptor of a file for what one step leaves to the next. */
    public static final String SCRATCH = "scratch";

    private static final Pattern NAMES = Pattern.compile("[a-z0-9][a-z0-9.-]{0,99}");

    /** Refuses a name that could be a path, and what nobody makes. */
    public PreparedContent {
        steps = List.copyOf(steps);
        if (!NAMES.matcher(name).matches() || steps.isEmpty()) {
            throw new IllegalArgumentException("\"" + name + "\" cannot be prepared in " + steps.size() + " steps");
        }
    }
}
