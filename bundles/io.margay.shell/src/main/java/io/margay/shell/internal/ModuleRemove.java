// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code module:remove}: Takes a module away; with -f also from those who use it. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=module", "osgi.command.function=remove"})
public final class ModuleRemove extends ShellCommand {

    /** Declares it. */
    public ModuleRemove() {
        super("module:remove", "MODULE [-f]", "Takes a module away; with -f also from those who use it.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return call.order("DELETE", "/modules/" + ShellCall.segment(call.word(0))
            + (call.has("-f") ? "?force=true" : ""), "");
    }
}
