// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.ServerControl;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The pages that show what the server does. */
final class StatusPages {
    private static final Set<String> PROCESSES = Set.of("main", "controller", "router");
    private static final Set<String> KINDS = Set.of("bundles", "components", "threads", "memory", "counters");

    private StatusPages() {
    }

    /** {@return those pages} */
    static List<Page> of(ServerControl control, StatusHistory history, KernelProcesses processes) {
        return List.of(new Overview(control, history), new Processes(control, processes), new Applications(control),
            new Routes(control));
    }

    /** {@return the reply, or an empty object for a part of the configuration that is not there} */
    static Conf part(ServerControl control, String path) {
        ServerControl.Reply reply = control.get(path);
        return reply.status() == 404 ? ConfObject.EMPTY : Veil.over(reply.json());
    }

    static String encoded(String segment) {
        return URLEncoder.encode(segment, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private record Overview(ServerControl control, StatusHistory history) implements Page {
        @Override
        public String label() {
            return "overview";
        }

        @Override
        public ConfObject data() {
            return ConfObject.builder().put("status", control.json("/status")).put("history", history.json()).build();
        }
    }

    private record Processes(ServerControl control, KernelProcesses processes) implements Page {
        @Override
        public String label() {
            return "processes";
        }

        @Override
        public ConfObject data() {
            return ConfObject.builder().put("processes", processes.json()).put("main", processes.main().orElse(0L))
                .build();
        }

        /** One core process from within: {@code PROCESS/KIND}. */
        @Override
        public Conf detail(String question) {
            List<String> parts = List.of(question.split("/", 2));
            return parts.size() == 2 && PROCESSES.contains(parts.get(0)) && KINDS.contains(parts.get(1))
                ? control.json("/control/inspect/" + question) : Page.super.detail(question);
        }
    }

    private record Applications(ServerControl control) implements Page {
        @Override
        public String label() {
            return "applications";
        }

        @Override
        public ConfObject data() {
            return ConfObject.builder().put("status", control.json("/status/applications"))
                .put("applications", part(control, "/config/applications"))
                .put("listeners", part(control, "/config/listeners")).put("routes", part(control, "/config/routes"))
                .build();
        }

        @Override
        public ServerControl.Reply change(ConfObject order, ConsoleUser user) {
            String name = order.string("name").orElse("");
            if (!order.string("action").orElse("").equals("restart") || name.isEmpty()) {
                return PageServlet.refused("An application can be restarted.");
            }
            return control.get("/control/applications/" + encoded(name) + "/restart");
        }
    }

    private record Routes(ServerControl control) implements Page {
        @Override
        public String label() {
            return "routes";
        }

        @Override
        public ConfObject data() {
            return ConfObject.builder().put("listeners", part(control, "/config/listeners"))
                .put("status", control.json("/status"))
                .put("routes", part(control, "/config/routes")).build();
        }
    }

    /** {@return members of an object in their order, each with its name as a member {@code name}} */
    static List<Conf> named(Conf value) {
        List<Conf> all = new ArrayList<>();
        if (value instanceof ConfObject object) {
            object.members().forEach((name, member) -> all.add(member instanceof ConfObject some
                ? some.with("name", Conf.of(name)) : ConfObject.builder().put("name", name)
                    .put("value", member instanceof ConfNull ? "null" : ConfWriter.compactText(member)).build()));
        }
        return all;
    }
}
