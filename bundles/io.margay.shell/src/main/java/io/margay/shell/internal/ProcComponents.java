// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code proc:components}: Shows the components of a process: main, controller or router. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=proc", "osgi.command.function=components"})
public final class ProcComponents extends ShellCommand {

    /** Declares it. */
    public ProcComponents() {
        super("proc:components", "[PROCESS]", "Shows the components of a process: main, controller or router.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        TextTable table = new TextTable("STATE", "NAME", "BUNDLE");
        ConfArray all = call.object(ProcShow.path(call, "components")).array("components").orElse(ConfArray.EMPTY);
        all.elements().forEach(value -> {
            ConfObject one = (ConfObject) value;
            table.row(one.string("state").orElse(""), one.string("name").orElse(""), one.string("bundle").orElse(""));
        });
        return table.toString();
    }
}
