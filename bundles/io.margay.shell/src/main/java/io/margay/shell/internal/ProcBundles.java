// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code proc:bundles}: Shows the bundles of a process: main, controller or router. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=proc", "osgi.command.function=bundles"})
public final class ProcBundles extends ShellCommand {

    /** Declares it. */
    public ProcBundles() {
        super("proc:bundles", "[PROCESS]", "Shows the bundles of a process: main, controller or router.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        TextTable table = new TextTable("ID", "STATE", "NAME", "VERSION");
        ConfArray all = call.object(ProcShow.path(call, "bundles")).array("bundles").orElse(ConfArray.EMPTY);
        all.elements().forEach(value -> {
            ConfObject one = (ConfObject) value;
            table.row(one.integer("id", 0), one.string("state").orElse(""), one.string("name").orElse(""),
                one.string("version").orElse(""));
        });
        return table.toString();
    }
}
