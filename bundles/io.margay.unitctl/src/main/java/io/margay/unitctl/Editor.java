// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;

/** Lets the user change a text in the editor of his choice. */
final class Editor {
    private final String command;

    Editor(String command) {
        this.command = command;
    }

    /** {@return the editor that the environment names, or vi} */
    static Editor ofUser(Map<String, String> environment) {
        String visual = environment.getOrDefault("VISUAL", "");
        String plain = environment.getOrDefault("EDITOR", "");
        String command = visual.isBlank() ? plain : visual;
        return new Editor(command.isBlank() ? "vi" : command);
    }

    /** {@return a file that only the user may read, with this text} */
    Path open(String text, String suffix) throws IOException {
        Path file = Files.createTempFile("unitctl-", suffix,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        return Files.writeString(file, text);
    }

    /**
     * Runs the editor on the terminal until it ends.
     *
     * @throws ToolException when it cannot be started or reports a failure
     */
    void edit(Path file) throws ToolException, IOException, InterruptedException {
        // Through a shell, since the variable may hold options too.
        String[] shell = {"/bin/sh", "-c", command + " \"$1\"", "sh", file.toString()};
        int code = new ProcessBuilder(shell).inheritIO().start().waitFor();
        if (code != 0) {
            throw ToolException.local("\"" + command + "\" ended with code " + code + "; your text is kept in " + file);
        }
    }
}
