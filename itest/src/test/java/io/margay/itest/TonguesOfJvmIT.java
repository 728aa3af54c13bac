// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import org.junit.jupiter.api.BeforeAll;

/** Languages each of whose processes is a JVM. */
class TonguesOfJvmIT extends Languages {

    @BeforeAll
    static void start() throws IOException {
        start(Tongue::startsJvm);
    }
}
