// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code unit:version}: Shows the version of the server and of Java. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=unit", "osgi.command.function=version"})
public final class UnitVersion extends ShellCommand {

    /** Declares it. */
    public UnitVersion() {
        super("unit:version", "", "Shows the version of the server and of Java.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return "unit " + call.server().version() + ", java " + Runtime.version();
    }
}
