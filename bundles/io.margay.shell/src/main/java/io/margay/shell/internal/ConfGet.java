// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import org.osgi.service.component.annotations.Component;

/** {@code conf:get}: Shows the configuration, or what is at a path such as /listeners. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=conf", "osgi.command.function=get"})
public final class ConfGet extends ShellCommand {

    /** Declares it. */
    public ConfGet() {
        super("conf:get", "[PATH]", "Shows the configuration, or what is at a path such as /listeners.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        return ShellCall.text(call.get(ShellCall.configuration(call.optional(0).orElse("/"))));
    }
}
