// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;

/** What one kind of content is: how it is checked, shown and used, and what replies call it. */
interface ContentRules {

    /** The first word or words of most texts. */
    String noun();

    /** The same within the text of an invalid content or name. */
    String lowerNoun();

    /** Success of an upload. */
    String uploaded();

    /** What failed when a content is not stored. */
    String notStored();

    /** Whether a content may take the place of another while that is in use. */
    boolean isReplaceable();

    /**
     * Looks into a content.
     *
     * @return what clients see of it
     * @throws InvalidContentException when it cannot be used
     */
    Conf inspect(String name, byte[] content) throws InvalidContentException;

    /** Whether a configuration names a content of this name. */
    boolean isUsed(ConfObject configuration, String name);
}
