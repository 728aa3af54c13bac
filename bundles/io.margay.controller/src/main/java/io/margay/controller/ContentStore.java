// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Keeps uploaded contents for the next start and for who uses them. Called on the thread of {@link ControlApi}; the
 * stages complete on any thread within bounded time, with an exception that says why when something is not done.
 */
@ConsumerType
public interface ContentStore {

    /** Stores a content, in place of the one of this name if there is one: completely, or the old one stays. */
    CompletionStage<Void> store(ContentKind kind, String name, byte[] content);

    /** Reads a stored content. */
    CompletionStage<byte[]> load(ContentKind kind, String name);

    /** Deletes a content; one that is not there is deleted already. */
    CompletionStage<Void> delete(ContentKind kind, String name);

    /** Has a content that is in use taken from the store again by those who use it; a failure leaves them the old. */
    CompletionStage<Void> refresh(ContentKind kind, String name);
}
