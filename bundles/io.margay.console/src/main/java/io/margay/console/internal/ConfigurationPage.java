// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.ServerControl;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The configuration as text and tree, its revisions, and the ways to change it. */
final class ConfigurationPage implements Page {
    private static final int MAX_SECONDS = 3600;

    private final ServerControl control;

    ConfigurationPage(ServerControl control) {
        this.control = control;
    }

    @Override
    public String label() {
        return "configuration";
    }

    @Override
    public ConfObject data() {
        ServerControl.Reply now = control.get("/config");
        Conf shown = Veil.over(now.json());
        return ConfObject.builder().put("configuration", shown).put("tag", now.tag())
            .put("text", new String(ConfWriter.pretty(shown), StandardCharsets.UTF_8).replace("\r\n", "\n")
                .replace("\t", "  ").strip() + "\n").put("good", now.good())
            .put("revisions", control.json("/control/revisions")).put("confirm", control.json("/control/confirm"))
            .build();
    }

    /** What has changed since a revision: {@code diff/NUMBER}; the rules of all options: {@code schema}. */
    @Override
    public Conf detail(String question) {
        if (question.equals("schema")) {
            return schemas(control.json("/control/openapi.json"));
        }
        if (!question.matches("diff/[1-9][0-9]{0,17}")) {
            return Page.super.detail(question);
        }
        Conf diff = control.json("/control/revisions/" + question.substring("diff/".length()) + "/diff");
        return covered(diff);
    }

    private static Conf schemas(Conf description) {
        return description instanceof ConfObject whole ? whole.object("components").flatMap(parts ->
            parts.object("schemas")).orElse(whole.has("error") ? whole
                : ServerControl.problem("The server does not describe its options.")) : description;
    }

    /** The changes of a list, without the secrets in them. */
    private static Conf covered(Conf list) {
        if (!(list instanceof ConfArray array)) {
            return list;
        }
        List<Conf> all = new ArrayList<>();
        for (Conf element : array.elements()) {
            ConfObject change = (ConfObject) element;
            List<String> path = List.of(change.string("path").orElse("").split("/"));
            for (String side : List.of("from", "to")) {
                if (change.has(side)) {
                    change = change.with(side, Veil.over(change.get(side).orElseThrow(), path));
                }
            }
            all.add(change);
        }
        return new ConfArray(all);
    }

    @Override
    public ServerControl.Reply change(ConfObject order, ConsoleUser user) {
        return switch (order.string("action").orElse("")) {
            case "check" -> put(order, "?dry-run");
            case "apply" -> {
                long seconds = order.integer("confirm", 0);
                yield seconds < 0 || seconds > MAX_SECONDS
                    ? PageServlet.refused("A change waits for its confirmation 1 to " + MAX_SECONDS + " seconds.")
                    : put(order, seconds == 0 ? "" : "?confirm=" + seconds);
            }
            case "confirm" -> control.ask("POST", "/control/confirm", Map.of(), new byte[0]);
            case "cancel" -> control.ask("DELETE", "/control/confirm", Map.of(), new byte[0]);
            case "rollback" -> order.integer("revision", 0) <= 0 || tag(order).isEmpty()
                ? PageServlet.refused("Which revision, and in place of what?")
                : control.ask("POST", "/control/revisions/" + order.integer("revision", 0) + "/rollback",
                    Map.of("If-Match", tag(order)), new byte[0]);
            default -> PageServlet.refused("There is no such action.");
        };
    }

    /** Fields of requests are lines: what would make two of one is refused. */
    static String tag(ConfObject order) {
        String tag = order.string("tag").orElse("");
        return tag.matches("\"[\\x21\\x23-\\x7e]{1,200}\"") ? tag : "";
    }

    /** Nobody overwrites what he has not seen: the server compares the tag. */
    private ServerControl.Reply put(ConfObject order, String query) {
        String tag = tag(order);
        if (tag.isEmpty()) {
            return PageServlet.refused("The state that the change began with is missing.");
        }
        Conf sent;
        try {
            sent = ConfParser.parse(order.get("text").map(text -> text instanceof ConfString given ? given.value() : "")
                .orElse("").getBytes(StandardCharsets.UTF_8));
        } catch (ConfSyntaxException e) {
            return new ServerControl.Reply(400, Map.of(), ConfWriter.compact(ConfObject.builder()
                .put("error", "Invalid JSON.").put("detail", String.valueOf(e.detail())).build()));
        }
        ServerControl.Reply now = control.get("/config");
        if (!now.good()) {
            return now;
        }
        try {
            Conf whole = Veil.lifted(sent, now.json());
            ServerControl.Reply reply = control.ask("PUT", "/config" + query,
                Map.of("If-Match", tag, "Content-Type", "application/json"), ConfWriter.compact(whole));
            return new ServerControl.Reply(reply.status(), reply.fields(),
                ConfWriter.compact(Veil.over(reply.json())));
        } catch (IllegalArgumentException e) {
            return PageServlet.refused(e.getMessage());
        }
    }
}
