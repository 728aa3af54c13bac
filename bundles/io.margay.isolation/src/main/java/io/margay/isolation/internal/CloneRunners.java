// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation.internal;

import io.margay.isolation.Runner;
import io.margay.isolation.Runners;
import java.nio.file.Path;
import org.osgi.service.component.annotations.Component;

/** Clone isolation: a small program makes the system calls of a plan between clone and exec. */
@Component
public final class CloneRunners implements Runners {

    @Override
    public Runner in(Path directory) {
        return new Runner(directory);
    }
}
