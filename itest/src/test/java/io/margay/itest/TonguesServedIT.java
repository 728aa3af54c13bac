// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;

/** Languages whose applications are run by another program, or are one. */
class TonguesServedIT extends Languages {

    @BeforeAll
    static void start() throws IOException {
        start(tongue -> !tongue.loads() && !tongue.startsJvm());
    }
}
