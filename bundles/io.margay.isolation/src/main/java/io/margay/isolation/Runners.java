// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import java.nio.file.Path;
import org.osgi.annotation.versioning.ProviderType;

/** Gives what starts processes by plans. The service of this bundle. */
@ProviderType
public interface Runners {

    /**
     * A runner.
     *
     * @param directory private to this process, for machines where memory may not be executed
     */
    Runner in(Path directory);
}
