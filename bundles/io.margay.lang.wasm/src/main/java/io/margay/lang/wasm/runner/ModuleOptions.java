// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The arguments of the runner, each of the form {@code name=value}.
 *
 * @param module the file
 * @param memory how many bytes of memory the module may have
 * @param functions options to the names of exported functions
 * @param directories what the module may use
 */
record ModuleOptions(Path module, long memory, Map<String, String> functions, List<String> directories) {

    private static final int PAGE = 65_536;

    static ModuleOptions parse(String[] args) {
        Path module = Path.of("");
        long memory = 0;
        Map<String, String> functions = new HashMap<>();
        List<String> directories = new ArrayList<>();
        for (String arg : args) {
            int at = arg.indexOf('=');
            String value = arg.substring(at + 1);
            String name = arg.substring(0, at);
            switch (name) {
                case "module" -> module = Path.of(value);
                case "memory" -> memory = Long.parseLong(value);
                case "directory" -> directories.add(value);
                default -> functions.put(name, value);
            }
        }
        return new ModuleOptions(module, memory, functions, directories);
    }

    /** How many whole pages of 64 KiB the module may have. */
    int pages() {
        return (int) (memory / PAGE);
    }

    Optional<String> function(String option) {
        return Optional.ofNullable(functions.get(option));
    }
}
