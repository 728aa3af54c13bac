// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code module:list}: Shows the modules, where they come from and who uses them. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=module", "osgi.command.function=list"})
public final class ModuleList extends ShellCommand {

    /** Declares it. */
    public ModuleList() {
        super("module:list", "", "Shows the modules, where they come from and who uses them.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        TextTable table = new TextTable("NAME", "VERSION", "FROM", "EXTENSIONS", "BEFORE", "USED BY", "PROBLEM");
        call.object("/modules").members().forEach((name, value) -> {
            ConfObject module = (ConfObject) value;
            table.row(name, module.string("version").orElse("-"), (module.bool("removed", false) ? "removed"
                    : module.string("from").orElse("not used")) + (module.bool("pinned", false) ? " (pinned)" : ""),
                adds(module),
                module.object("previous").flatMap(jar -> jar.string("version")).orElse(""),
                ShellCall.texts(module.array("users").orElse(ConfArray.EMPTY)), module.string("problem").orElse(""));
        });
        return table.toString();
    }

    /** Extensions, or the processes of which it is a part. */
    private static String adds(ConfObject module) {
        return module.array("processes").map(processes -> "part of " + ShellCall.texts(processes))
            .orElseGet(() -> ShellCall.texts(module.array("extensions").orElse(ConfArray.EMPTY)));
    }
}
