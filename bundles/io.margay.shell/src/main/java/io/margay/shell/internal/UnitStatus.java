// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code unit:status}: Shows connections, requests and applications. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=unit", "osgi.command.function=status"})
public final class UnitStatus extends ShellCommand {

    /** Declares it. */
    public UnitStatus() {
        super("unit:status", "", "Shows connections, requests and applications.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return ShellCall.text(call.object("/status").without("modules"));
    }
}
