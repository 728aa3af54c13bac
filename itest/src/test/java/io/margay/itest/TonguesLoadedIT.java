// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;

/** Languages whose applications are loaded by a worker of ours. */
class TonguesLoadedIT extends Languages {

    @BeforeAll
    static void start() throws IOException {
        start(Tongue::loads);
    }
}
