// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import java.util.List;
import org.osgi.service.component.annotations.Component;

/** {@code conf:undo}: Goes back to a revision; without a number to the one before. */
@Component(service = ShellCommand.class, property = {"osgi.command.scope=conf", "osgi.command.function=undo"})
public final class ConfUndo extends ShellCommand {

    /** Declares it. */
    public ConfUndo() {
        super("conf:undo", "[NUMBER]", "Goes back to a revision; without a number to the one before.");
    }

    @Override
    String run(ShellCall call) throws Exception {
        int number = call.number(0, 0, Integer.MAX_VALUE);
        if (number == 0) {
            List<Conf> all = call.get("/control/revisions") instanceof ConfArray list ? list.elements() : List.of();
            int current = 0;
            while (current < all.size() && !((ConfObject) all.get(current)).bool("current", false)) {
                current++;
            }
            if (current == 0 || current == all.size()) {
                throw new ShellException(ShellException.FAILED, "there is no revision before the present one");
            }
            number = (int) ((ConfObject) all.get(current - 1)).integer("number", 0);
        }
        return call.order("POST", "/control/revisions/" + number + "/rollback", "");
    }
}
