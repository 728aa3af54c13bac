// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import org.apache.felix.service.command.Process;
import org.osgi.service.component.annotations.Component;

/** {@code unit:grep}: Shows the lines before a | that contain a text. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=unit", "osgi.command.function=grep"})
public final class UnitGrep extends ShellCommand {

    /** Declares it. */
    public UnitGrep() {
        super("unit:grep", "TEXT", "Shows the lines before a | that contain a text.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        BufferedReader lines = new BufferedReader(new InputStreamReader(Process.Utils.current().in(),
            StandardCharsets.UTF_8));
        return lines.lines().filter(line -> line.contains(call.word(0))).collect(Collectors.joining("\n"));
    }
}
