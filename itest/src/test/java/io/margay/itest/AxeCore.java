// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The accessibility checker axe-core, from the npm registry. */
final class AxeCore {
    private static final String VERSION = "4.14.1";

    private AxeCore() {
    }

    /** {@return the script, fetched once for all tests of this build} */
    static synchronized String script() throws IOException, InterruptedException {
        Path folder = Path.of("target/axe").toAbsolutePath();
        Path archive = folder.resolve("axe-core-" + VERSION + ".tgz");
        if (!Files.exists(archive)) {
            Files.createDirectories(folder);
            Npm.pack(folder, "axe-core@" + VERSION);
        }
        return Npm.run(folder, "tar", "-xzOf", archive.toString(), "package/axe.min.js");
    }
}
