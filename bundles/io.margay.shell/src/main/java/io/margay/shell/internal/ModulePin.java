// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code module:pin}: Holds a module as it is; with -d not any more. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=module", "osgi.command.function=pin"})
public final class ModulePin extends ShellCommand {

    /** Declares it. */
    public ModulePin() {
        super("module:pin", "MODULE [-d]", "Holds a module as it is; with -d not any more.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return call.order("PUT", "/modules/" + ShellCall.segment(call.word(0)) + "/pinned",
            Boolean.toString(!call.has("-d")));
    }
}
