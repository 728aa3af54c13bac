// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModuleTrainingTest {

    @TempDir
    private Path directory;

    @Test
    void theModuleServes() throws Exception {
        assertTrue(ModuleTraining.run(directory));
    }
}
