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
 * @param functions options to the names of exported functions
 * @param directories what the module may use
 */
record ModuleOptions(Path module, Map<String, String> functions, List<String> directories) {

    static ModuleOptions parse(String[] args) {
        Path module = Path.of("");
        Map<String, String> functions = new HashMap<>();
        List<String> directories = new ArrayList<>();
        for (String arg : args) {
            int at = arg.indexOf('=');
            String value = arg.substring(at + 1);
            String name = arg.substring(0, at);
            switch (name) {
                case "module" -> module = Path.of(value);
                case "directory" -> directories.add(value);
                default -> functions.put(name, value);
            }
        }
        return new ModuleOptions(module, functions, directories);
    }

    Optional<String> function(String option) {
        return Optional.ofNullable(functions.get(option));
    }
}
