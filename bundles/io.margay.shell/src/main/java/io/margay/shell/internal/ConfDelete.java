// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code conf:delete}: Takes what is at a path out of the configuration. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=conf", "osgi.command.function=delete"})
public final class ConfDelete extends ShellCommand {

    /** Declares it. */
    public ConfDelete() {
        super("conf:delete", "PATH", "Takes what is at a path out of the configuration.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return call.order("DELETE", ShellCall.configuration(call.word(0)), "");
    }
}
