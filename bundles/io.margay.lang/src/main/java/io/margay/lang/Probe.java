// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A program that tells about one candidate of a language. It is run without privileges, with a bounded time and output,
 * and prints one JSON object: {@code {"version": "3.11.2", "file": "/usr/bin/python3", "mounts": [{"src": "/a",
 * "dst": "/b"}]}}.
 *
 * @param type the type word that it answers for
 * @param argv path of the program, then its arguments; never empty
 */
public record Probe(String type, List<String> argv) {

    /** Copies the list. */
    public Probe {
        argv = List.copyOf(argv);
        if (argv.isEmpty()) {
            throw new IllegalArgumentException("probe without a program");
        }
    }

    /**
     * Reads what the program printed. The program may be anything that an administrator put into the path, so whatever
     * does not look right makes the answer void.
     *
     * @param output the bytes of its standard output
     * @return empty when they are no such object
     */
    public Optional<InstalledModule> parse(byte[] output) {
        Conf answer;
        try {
            answer = ConfParser.parse(output);
        } catch (ConfSyntaxException e) {
            return Optional.empty();
        }
        if (!(answer instanceof ConfObject object)) {
            return Optional.empty();
        }
        String version = object.string("version").orElse("");
        if (version.isEmpty() || version.length() > 64) {
            return Optional.empty();
        }
        return mounts(object).map(mounts ->
            new InstalledModule(type, version, object.string("file").orElse(argv.getFirst()), mounts));
    }

    static Optional<List<LanguageMount>> mounts(ConfObject object) {
        List<LanguageMount> mounts = new ArrayList<>();
        if (object.get("mounts").orElse(ConfArray.EMPTY) instanceof ConfArray array) {
            for (Conf element : array.elements()) {
                if (!(element instanceof ConfObject mount)) {
                    return Optional.empty();
                }
                String source = mount.string("src").orElse("");
                String target = mount.string("dst").orElse("");
                if (!source.startsWith("/") || !target.startsWith("/")) {
                    return Optional.empty();
                }
                mounts.add(new LanguageMount(source, target));
            }
            return Optional.of(mounts);
        }
        return Optional.empty();
    }
}
