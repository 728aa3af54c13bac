// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tag of a whole configuration (RFC 9110 §8.8.3), strong: a hash of its text, member order included. Every path
 * below {@code /config} carries the tag of the whole, since a change anywhere is validated and applied as a whole; and
 * equal content has an equal tag, also after a restart.
 *
 * @param text with its quotes
 */
record EntityTag(String text) {
    private static final int BYTES = 16;
    private static final Pattern LISTED = Pattern.compile("(W/)?(\"[\\x21\\x23-\\x7e\\x80-\\xff]*\")");

    static EntityTag of(byte[] compactJson) {
        try {
            byte[] hash = MessageDigest.getInstance("SHA-256").digest(compactJson);
            return new EntityTag('"' + HexFormat.of().formatHex(Arrays.copyOf(hash, BYTES)) + '"');
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JVM has it", e);
        }
    }

    /**
     * The reply that the conditions of a request lead to instead of its own; empty when it may be carried out.
     *
     * @param exists whether there is something at the path now
     */
    Optional<ControlReply> refuses(ControlRequest request, boolean exists) {
        Optional<String> match = request.headers().get("If-Match");
        if (match.isPresent() && !matches(match.get(), false, exists)) {
            return Optional.of(failed(exists ? "The configuration has changed since it was read: its ETag is " + text
                + " now. Read it again, then repeat the change." : "There is nothing at this path."));
        }
        Optional<String> none = request.headers().get("If-None-Match");
        boolean get = request.method().equals("GET");
        if (none.isPresent() && exists && matches(none.get(), get, true)) {
            return Optional.of(get ? new ControlReply(304, new byte[0]).with("ETag", text)
                : failed("There is something at this path already."));
        }
        return Optional.empty();
    }

    private ControlReply failed(String detail) {
        return ControlReply.error(412, "Precondition failed.", detail).with("ETag", text);
    }

    /** Weak tags never match where a change depends on it; what is malformed matches nothing. */
    private boolean matches(String list, boolean weak, boolean exists) {
        if (list.strip().equals("*")) {
            return exists;
        }
        Matcher listed = LISTED.matcher(list);
        while (listed.find()) {
            if (listed.group(2).equals(text) && (weak || listed.group(1) == null)) {
                return true;
            }
        }
        return false;
    }
}
