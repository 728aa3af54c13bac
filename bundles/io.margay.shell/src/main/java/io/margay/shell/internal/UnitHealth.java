// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import org.osgi.service.component.annotations.Component;

/** {@code unit:health}: Shows the health checks. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=unit", "osgi.command.function=health"})
public final class UnitHealth extends ShellCommand {

    /** Declares it. */
    public UnitHealth() {
        super("unit:health", "", "Shows the health checks.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        TextTable table = new TextTable("CHECK", "STATUS", "WHY");
        call.object("/health").array("checks").orElse(ConfArray.EMPTY).elements().forEach(check -> {
            if (check instanceof ConfObject one) {
                table.row(one.string("name").orElse(""), one.string("status").orElse(""),
                    one.string("message").orElse(""));
            }
        });
        return table.toString();
    }
}
