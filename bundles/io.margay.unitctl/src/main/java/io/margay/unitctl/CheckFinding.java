// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import java.util.Locale;

/**
 * What there is to say about one place of a configuration.
 *
 * @param kind what it means for the user
 * @param path the place
 * @param detail what is so
 * @param advice what to do; may be empty
 */
record CheckFinding(Kind kind, ConfPointer path, String detail, String advice) {

    /** What a finding means. */
    enum Kind {
        /** A server refuses it, whatever is installed. */
        REFUSED,
        /** A server refuses it until something is installed. */
        INSTALL,
        /** Something has to be uploaded before. */
        UPLOAD,
        /** It is taken, and does something else than in Unit. */
        DIFFERS;

        /** {@return the word for people and in JSON} */
        String word() {
            return name().toLowerCase(Locale.ROOT);
        }

        /** {@return whether a server would not take the configuration as it is} */
        boolean bad() {
            return this == REFUSED || this == INSTALL;
        }
    }

    /** {@return this as JSON} */
    Conf json() {
        ConfObject.Builder object = ConfObject.builder().put("path", path.toString()).put("detail", detail);
        return (advice.isEmpty() ? object : object.put("suggestion", advice)).build();
    }
}
