// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code module:rollback}: Puts the version before the present one back. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=module", "osgi.command.function=rollback"})
public final class ModuleRollback extends ShellCommand {

    /** Declares it. */
    public ModuleRollback() {
        super("module:rollback", "MODULE", "Puts the version before the present one back.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return call.order("POST", "/modules/" + ShellCall.segment(call.word(0)) + "/rollback", "");
    }
}
