// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code app:restart}: Starts the processes of an application anew, while requests flow. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=app", "osgi.command.function=restart"})
public final class AppRestart extends ShellCommand {

    /** Declares it. */
    public AppRestart() {
        super("app:restart", "APP", "Starts the processes of an application anew, while requests flow.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return call.order("GET", "/control/applications/" + ShellCall.segment(call.word(0)) + "/restart", "");
    }
}
