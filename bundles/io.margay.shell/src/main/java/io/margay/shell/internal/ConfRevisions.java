// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code conf:revisions}: Shows the configurations of before. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=conf", "osgi.command.function=revisions"})
public final class ConfRevisions extends ShellCommand {

    /** Declares it. */
    public ConfRevisions() {
        super("conf:revisions", "", "Shows the configurations of before.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        TextTable table = new TextTable("NUMBER", "TIME", "CHANGE", "BY", "CURRENT");
        if (call.get("/control/revisions") instanceof ConfArray all) {
            for (Conf one : all.elements()) {
                ConfObject revision = (ConfObject) one;
                ConfObject peer = revision.object("peer").orElse(ConfObject.EMPTY);
                table.row(revision.integer("number", 0), revision.string("time").orElse(""),
                    revision.string("method").orElse("") + " " + revision.string("path").orElse(""),
                    peer.string("address").orElse("uid " + peer.integer("uid", -1)),
                    revision.bool("current", false) ? "*" : "");
            }
        }
        return table.toString();
    }
}
