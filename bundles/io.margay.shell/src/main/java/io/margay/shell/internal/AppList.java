// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code app:list}: Shows the applications, their processes and requests. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=app", "osgi.command.function=list"})
public final class AppList extends ShellCommand {

    /** Declares it. */
    public AppList() {
        super("app:list", "", "Shows the applications, their processes and requests.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        ConfObject status = call.object("/status").object("applications").orElse(ConfObject.EMPTY);
        TextTable table = new TextTable("NAME", "TYPE", "RUNNING", "STARTING", "IDLE", "REQUESTS");
        call.object("/config").object("applications").orElse(ConfObject.EMPTY).members().forEach((name, value) -> {
            ConfObject now = status.object(name).orElse(ConfObject.EMPTY);
            ConfObject processes = now.object("processes").orElse(ConfObject.EMPTY);
            table.row(name, value instanceof ConfObject conf ? conf.string("type").orElse("") : "",
                processes.integer("running", 0), processes.integer("starting", 0), processes.integer("idle", 0),
                now.object("requests").orElse(ConfObject.EMPTY).integer("active", 0));
        });
        return table.toString();
    }
}
