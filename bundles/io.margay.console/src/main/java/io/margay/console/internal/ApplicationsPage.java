// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;

/** What applications do, what the log says of each, and the ways to stop, start and restart them. */
final class ApplicationsPage implements Page {
    private static final String LOG = "log/";

    private final ServerControl control;
    private final KernelProcesses processes;
    private final LogTail log;

    ApplicationsPage(ServerControl control, KernelProcesses processes, LogTail log) {
        this.control = control;
        this.processes = processes;
        this.log = log;
    }

    @Override
    public String label() {
        return "applications";
    }

    @Override
    public ConfObject data() {
        return StatusPages.configured(control, "applications", "listeners", "routes")
            .with("status", control.json("/status/applications"))
            .with("pools", control.json("/control/inspect/router/applications"));
    }

    /**
     * What the log has of an application, the steps of its start among it: {@code log/NAME}. These are the lines that
     * name it, and those of its processes.
     */
    @Override
    public Conf detail(String question) {
        if (!question.startsWith(LOG)) {
            return Page.super.detail(question);
        }
        return log.about(question.substring(LOG.length()), processes, -1);
    }

    @Override
    public ServerControl.Reply change(ConfObject order, ConsoleUser user) {
        String name = order.string("name").orElse("");
        if (name.isEmpty()) {
            return PageServlet.refused("Which application?");
        }
        return switch (order.string("action").orElse("")) {
            case "restart" -> control.get("/control/applications/" + StatusPages.encoded(name) + "/restart");
            case "switch" -> Switches.turn(control, order.with("kind", Conf.of("application")));
            default -> PageServlet.refused("An application can be stopped, started and restarted.");
        };
    }
}
