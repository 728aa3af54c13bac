// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import java.util.Locale;
import java.util.Optional;

/**
 * What somebody wants to be done with an extension bundle.
 *
 * @param verb the deed
 * @param name symbolic name of the bundle; empty for a {@link Verb#PUT} that takes it from the jar
 * @param match SHA-256 that the module has to have before, if it matters
 * @param force whether applications that use it may be left without it
 * @param size bytes of the jar that comes with it
 * @param who who wants it, for the log
 */
public record ModuleOrder(Verb verb, String name, Optional<String> match, boolean force, long size, String who) {

    /** What can be done. */
    public enum Verb {
        /** Tell what there is; changes nothing. */
        LIST,
        /** Bring a bundle, in the place of the one of its name if there is one. */
        PUT,
        /** Take it away. */
        REMOVE,
        /** Put the version before the present one back. */
        ROLLBACK,
        /** Hold it as it is, whatever comes. */
        PIN,
        /** Do not hold it any more. */
        UNPIN
    }

    /** Bytes that the jar of a module may have: a runtime shim, a few classes and libraries. */
    public static final int MAX_JAR = 32 << 20;

    private static final int MAX_TEXT = 4096;

    /** Checks the lengths, and that a name can be a part of a line of the log. */
    public ModuleOrder {
        if (name.length() > MAX_TEXT || who.length() > MAX_TEXT) {
            throw new IllegalArgumentException("a name of " + name.length() + " characters is too long");
        }
        if (name.chars().anyMatch(Character::isISOControl)) {
            throw new IllegalArgumentException("a name has no control characters");
        }
    }

    /** An order without a jar and without a condition. */
    public static ModuleOrder of(Verb verb, String name, String who) {
        return new ModuleOrder(verb, name, Optional.empty(), false, 0, who);
    }

    /** As it travels to main. */
    public byte[] encode() {
        ConfObject.Builder out = ConfObject.builder().put("verb", verb.name().toLowerCase(Locale.ROOT))
            .put("name", name).put("force", force).put("size", size).put("who", who);
        match.ifPresent(digest -> out.put("match", digest));
        return ConfWriter.compact(out.build());
    }

    /**
     * Reads it.
     *
     * @throws IllegalArgumentException when it is none
     */
    public static ModuleOrder decode(byte[] json) {
        try {
            ConfObject order = (ConfObject) ConfParser.parse(json);
            return new ModuleOrder(Verb.valueOf(order.string("verb").orElse("").toUpperCase(Locale.ROOT)),
                order.string("name").orElse(""), order.string("match"), order.bool("force", false),
                order.integer("size", 0), order.string("who").orElse(""));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new IllegalArgumentException("malformed order: " + e.getMessage(), e);
        }
    }
}
