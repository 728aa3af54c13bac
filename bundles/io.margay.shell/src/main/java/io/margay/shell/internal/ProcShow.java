// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import java.util.List;
import org.osgi.service.component.annotations.Component;

/** {@code proc:show}: Shows what the inspectors of a process see; without a name the list of them. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=proc", "osgi.command.function=show"})
public final class ProcShow extends ShellCommand {
    private static final List<String> PROCESSES = List.of("main", "controller", "router");

    /** Declares it. */
    public ProcShow() {
        super("proc:show", "[PROCESS] [INSPECTOR]",
            "Shows what the inspectors of a process see; without a name the list of them.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return ShellCall.text(call.get(path(call, call.optional(1).orElse(""))));
    }

    /** {@return the path of an inspector of the process that a call names first; main when it names none} */
    static String path(ShellCall call, String inspector) throws ShellException {
        String process = call.optional(0).orElse("main");
        if (!PROCESSES.contains(process)) {
            throw new ShellException(ShellException.USAGE, "\"" + process + "\" is none of "
                + String.join(", ", PROCESSES));
        }
        return "/control/inspect/" + process + (inspector.isEmpty() ? "" : "/" + ShellCall.segment(inspector));
    }
}
