// SPDX-License-Identifier: Apache-2.0
package io.margay.store;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A process that stores one configuration: the state directory, then the file with the content. */
final class StoreOnce {

    private StoreOnce() {
    }

    public static void main(String[] arguments) throws IOException {
        byte[] content = Files.readAllBytes(Path.of(arguments[1]));
        new StateDirectory(arguments[0], "1.35.0", System.err::println).store(content);
    }
}
