// SPDX-License-Identifier: Apache-2.0
package io.margay.script;

import java.util.concurrent.CompletionStage;
import org.osgi.annotation.versioning.ProviderType;

/** Gives uploaded modules to bundles of a process that may not read them itself; a service of that process. */
@ProviderType
public interface ScriptSource {

    /**
     * Fetches the text of a module; on the control thread of the process.
     *
     * @return completes on that thread with the bytes as they were uploaded; the message of a failure is the reason
     */
    CompletionStage<byte[]> load(String name);
}
