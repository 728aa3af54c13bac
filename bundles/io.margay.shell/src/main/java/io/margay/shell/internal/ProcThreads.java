// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code proc:threads}: Shows the threads of a process, with -s what they do. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=proc", "osgi.command.function=threads"})
public final class ProcThreads extends ShellCommand {

    /** Declares it. */
    public ProcThreads() {
        super("proc:threads", "[PROCESS] [-s]", "Shows the threads of a process, with -s what they do.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        ConfArray threads = call.object(ProcShow.path(call, "threads")).array("threads").orElse(ConfArray.EMPTY);
        if (call.has("-s")) {
            return ShellCall.text(threads);
        }
        TextTable table = new TextTable("ID", "STATE", "NAME", "AT");
        threads.elements().forEach(value -> {
            ConfObject one = (ConfObject) value;
            ConfArray stack = one.array("stack").orElse(ConfArray.EMPTY);
            table.row(one.integer("id", 0), one.string("state").orElse(""), one.string("name").orElse(""),
                stack.isEmpty() ? "" : ShellCall.text(stack.elements().getFirst()));
        });
        return table.toString();
    }
}
