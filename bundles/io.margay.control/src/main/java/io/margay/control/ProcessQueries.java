// SPDX-License-Identifier: Apache-2.0
package io.margay.control;

import io.margay.conf.Conf;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import org.osgi.annotation.versioning.ProviderType;

/**
 * Service: the core processes, for resources that need more than the controller itself knows. Called on the loop of the
 * control socket; stages complete there.
 */
@ProviderType
public interface ProcessQueries {

    /** Their names, main first. */
    List<String> names();

    /**
     * Asks an inspector of a process a question; the empty question has it show what it always shows.
     *
     * @return what it says, {@code {"error": ...}} when it takes the question for wrong; fails with the reason when
     *     there is no such inspector, or the process does not answer in time
     */
    CompletionStage<Conf> ask(String process, String inspector, String question);

    /** Runs tasks on the loop; may be called on any thread. */
    Executor loop();

    /**
     * Runs a task later on the loop.
     *
     * @return cancels it
     */
    Runnable after(long millis, Runnable task);
}
