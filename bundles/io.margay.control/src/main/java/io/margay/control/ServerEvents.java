// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.ConfObject;
import org.osgi.annotation.versioning.ProviderType;

/** Service: takes what happens to the server, for those who follow it. Safe for all threads; never waits. */
@ProviderType
public interface ServerEvents {

    /**
     * Something has happened.
     *
     * @param type of its subject: {@code configuration}, {@code application}, {@code process}, {@code module},
     *     {@code certificate}, or another word of lower-case letters
     * @param what has happened to it, a word
     * @param about more members; without secrets, and of some kilobytes at most
     * @param cause the number of the event that has brought it about; 0 for none
     * @return its own number, greater than all before
     */
    long publish(String type, String what, ConfObject about, long cause);
}
