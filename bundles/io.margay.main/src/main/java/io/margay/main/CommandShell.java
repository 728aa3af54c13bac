// SPDX-License-Identifier: Apache-2.0
package io.margay.main;

import io.margay.conf.ConfObject;
import java.nio.file.Path;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Service: runs command lines in main's framework for clients of the control socket. Main installs the bundle that
 * offers it when somebody asks for the first time, and lets nobody through but root and its own account.
 */
@ProviderType
public interface CommandShell {

    /**
     * The server that the commands are about.
     *
     * @param control address of its control socket, a path absolute
     * @param log its log file
     * @param version what it calls itself
     */
    record Server(String control, Path log, String version) {
    }

    /** What a client must be told instead of an answer. */
    final class Refused extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private final int status;

        /**
         * Refuses.
         *
         * @param status of HTTP
         * @param message for the client
         */
        public Refused(int status, String message) {
            super(message, null, false, false);
            this.status = status;
        }

        /** {@return the status of HTTP} */
        public int status() {
            return status;
        }
    }

    /**
     * Carries out one order. Called on any thread; does not wait.
     *
     * @param order {@code verb}: {@code open}, {@code run} with {@code line} and perhaps {@code input}, {@code
     *     complete} with {@code line} and {@code cursor}, {@code interrupt} or {@code close}, all but the first with
     *     {@code session}; {@code uid} of who asks, whose sessions are nobody else's
     * @return the answer, in bounded time on any thread; fails with {@link Refused}
     */
    CompletionStage<ConfObject> order(Server server, ConfObject order);
}
