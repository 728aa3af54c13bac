// SPDX-License-Identifier: Apache-2.0
package io.margay.status;

import io.margay.conf.Conf;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * An inspector that also answers questions. Registered as a service {@link Inspector}; control resources ask, people
 * see {@link #dump}.
 */
@ConsumerType
public interface AskedInspector extends Inspector {

    /** The most bytes of a question. */
    int LONGEST = 12 << 10;

    /**
     * Answers, under the same rules as {@link #dump}.
     *
     * @param question in the language of the inspector; from another process of the server, and to be checked
     * @throws IllegalArgumentException when the question makes no sense; its message is the answer
     */
    Conf answer(String question);
}
