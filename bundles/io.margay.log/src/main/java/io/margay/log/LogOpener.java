// SPDX-License-Identifier: Apache-2.0
package io.margay.log;

import io.margay.posix.Fd;
import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Opens log files for bundles of a process that may not do so itself; a service of that process. Called on its control
 * thread.
 */
@ProviderType
public interface LogOpener {

    /**
     * Opens a file for appending, and creates it with mode 0600 where there is none. Writing to it may block when it is
     * on a disk, and says so when it is a pipe that is full.
     *
     * @param path absolute, or relative to the directory of the main process
     * @return completes on the control thread, with a file that is the caller's; the message of a failure is the reason
     */
    CompletionStage<Fd> open(String path);

    /**
     * Has a file that has grown get another name: the path with {@code .1}; those that had such a name before get the
     * next number. Then {@linkplain #onReopen all are told} to open it anew. What has not grown stays and is opened
     * anew all the same, since somebody else has changed it. On any thread.
     *
     * @param path as in {@link #open}
     * @param size bytes that it must have
     * @param keep most files with a number, at least 1; the oldest goes
     * @return completes on the control thread when it is done; the message of a failure is the reason, which is in the
     *     log
     */
    CompletionStage<Void> rotate(String path, long size, int keep);

    /**
     * Runs an action on the control thread each time an administrator wants log files to be opened anew (SIGUSR1).
     *
     * @return ends that
     */
    AutoCloseable onReopen(Runnable action);
}
