// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code app:show}: Shows the configuration and the state of an application. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=app", "osgi.command.function=show"})
public final class AppShow extends ShellCommand {

    /** Declares it. */
    public AppShow() {
        super("app:show", "APP", "Shows the configuration and the state of an application.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        String name = call.word(0);
        ConfObject all = call.object("/config").object("applications").orElse(ConfObject.EMPTY);
        if (!all.has(name)) {
            throw new ShellException(ShellException.FAILED, "there is no application \"" + name + "\"");
        }
        return ShellCall.text(ConfObject.builder().put("configuration", all.get(name).orElseThrow())
            .put("status", call.object("/status").object("applications").flatMap(status -> status.object(name))
                .orElse(ConfObject.EMPTY)).build());
    }
}
