// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;

/** The pages that show what the server does. */
final class StatusPages {
    private static final Set<String> PROCESSES = Set.of("main", "controller", "router");
    private static final Set<String> KINDS = Set.of("bundles", "components", "threads", "ports", "descriptors",
        "memory", "counters");

    private StatusPages() {
    }

    /** {@return those pages} */
    static List<Page> of(ServerControl control, StatusHistory history, KernelProcesses processes) {
        return List.of(new Overview(control, history), new Processes(control, processes));
    }

    /** {@return the reply, or an empty object for a part of the configuration that is not there} */
    static Conf part(ServerControl control, String path) {
        ServerControl.Reply reply = control.get(path);
        return reply.status() == 404 ? ConfObject.EMPTY : Veil.over(reply.json());
    }

    /**
     * {@return parts of the configuration in force, fit for a browser, and its {@code tag}} An {@code error} instead
     * when the server does not say.
     */
    static ConfObject configured(ServerControl control, String... parts) {
        ServerControl.Reply now = control.get("/config");
        if (!now.good() || !(now.json() instanceof ConfObject whole)) {
            return now.json() instanceof ConfObject problem && problem.has("error") ? problem
                : ServerControl.problem("The server does not tell its configuration.");
        }
        ConfObject.Builder all = ConfObject.builder().put("tag", now.tag());
        for (String part : parts) {
            all.put(part, Veil.over(whole.get(part).orElse(ConfObject.EMPTY)));
        }
        return all.build();
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
            return ConfObject.builder().put("status", control.json("/status"))
                .put("pools", control.json("/control/inspect/router/applications")).put("history", history.json())
                .build();
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
}
