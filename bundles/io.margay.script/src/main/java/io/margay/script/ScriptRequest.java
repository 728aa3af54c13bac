// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import java.util.Optional;
import java.util.function.BiConsumer;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * What a script may ask of a request ({@code spec/routing.md §6.5}), on the thread that runs it. Names and values are
 * given in their order, each time they occur. Bytes that are no UTF-8 are whatever characters the caller makes of them.
 */
@ConsumerType
public interface ScriptRequest {

    /** The path. */
    String uri();

    /** The host; maybe empty. */
    String host();

    /** The client's address without port. */
    String remoteAddr();

    /** The decoded arguments of the query. */
    void args(BiConsumer<String, String> visitor);

    /** The fields of the request, by their names as sent. */
    void headers(BiConsumer<String, String> visitor);

    /** The cookies. */
    void cookies(BiConsumer<String, String> visitor);

    /** A variable of templates, an empty text where it has no value; empty if there is none of the name. */
    Optional<String> variable(String name);
}
