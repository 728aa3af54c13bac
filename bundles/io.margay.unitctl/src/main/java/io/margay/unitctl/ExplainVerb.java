// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Shows which way a request would take. */
final class ExplainVerb extends Verb {
    private final Argument<String> url = parameter(String.class, null, "URL",
        "http://host/path?query, or a path with its query");
    private final Argument<String> listener = option(String.class, null, "ADDRESS",
        "the listener as configured; needed where there are several", "-l", "--listener");
    private final Argument<String> method = option(String.class, "GET", "METHOD", "of the request", "-X", "--request");
    private final Argument<String[]> headers = several("NAME: VALUE", "a header field; several times for several",
        "-H", "--header");
    private final Argument<String[]> cookies = several("NAME=VALUE", "a cookie", "-b", "--cookie");
    private final Argument<String> source = option(String.class, null, "ADDRESS", "of the client", "--source");
    private final Argument<Format> format = format(Format.TEXT, "");

    ExplainVerb(Unitctl tool) {
        super(tool, "explain", "Shows which way a request would take, and why, without sending it.");
    }

    @Override
    public Integer call() throws Exception {
        ToolRequest request = ToolRequest.get("/control/explain?" + query());
        if (format.value() != Format.TEXT) {
            return showEach(format.value(), request);
        }
        return onEach(Format.TEXT, client -> {
            lines(object(client, client.ask(request))).forEach(line -> io().out().println(Io.harmless(line)));
            io().out().flush();
            return Optional.empty();
        });
    }

    private String query() throws ToolException {
        StringBuilder query = new StringBuilder("method=").append(encoded(method.value()));
        String uri = url.value();
        int scheme = uri.startsWith("http://") ? 7 : uri.startsWith("https://") ? 8 : 0;
        if (scheme > 0) {
            int slash = uri.indexOf('/', scheme);
            int end = slash < 0 ? uri.length() : slash;
            query.append("&scheme=").append(uri, 0, scheme - 3).append("&host=")
                .append(encoded(uri.substring(scheme, end)));
            uri = slash < 0 ? "/" : uri.substring(end);
        } else if (!uri.startsWith("/")) {
            throw ToolException.usage("\"" + uri + "\" begins neither with / nor with http:// nor with https://");
        }
        query.append("&uri=").append(encoded(uri));
        for (String header : headers.value()) {
            int colon = header.indexOf(':');
            if (colon < 1) {
                throw ToolException.usage("\"" + header + "\" is no header field of the form NAME: VALUE");
            }
            query.append("&header.").append(encoded(header.substring(0, colon))).append('=')
                .append(encoded(header.substring(colon + 1).strip()));
        }
        if (cookies.value().length > 0) {
            query.append("&cookie=").append(encoded(String.join("; ", cookies.value())));
        }
        append(query, "listener", listener);
        append(query, "source", source);
        return query.toString();
    }

    private static void append(StringBuilder query, String name, Argument<String> argument) {
        if (argument.value() != null) {
            query.append('&').append(name).append('=').append(encoded(argument.value()));
        }
    }

    /** A value of a query: only letters and digits stay. */
    static String encoded(String value) {
        StringBuilder out = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b >= '0' && b <= '9' || b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b == '-' || b == '.'
                || b == '_') {
                out.append((char) b);
            } else {
                out.append('%').append(Character.forDigit(b >> 4 & 15, 16)).append(Character.forDigit(b & 15, 16));
            }
        }
        return out.toString();
    }

    /** {@return what was answered, as lines for people} */
    static List<String> lines(ConfObject told) {
        ConfObject request = told.object("request").orElse(ConfObject.EMPTY);
        List<String> lines = new ArrayList<>();
        lines.add("request   " + text(request, "method") + " " + text(request, "scheme") + "://"
            + text(request, "host") + text(request, "path") + " from " + text(request, "source"));
        lines.add("listener  " + text(told, "listener") + " passes to " + text(told, "pass") + filters(told));
        each(told, "steps").forEach(step -> step(step, lines));
        long omitted = told.integer("omitted", 0);
        if (omitted > 0) {
            lines.add("          " + omitted + " more steps did not match");
        }
        for (ConfObject action : each(told, "actions")) {
            lines.add("action    " + text(action, "at") + " " + action.get("action").map(Json::compact).orElse("")
                + action.string("path").map(path -> ", path " + path).orElse("") + filters(action));
        }
        ConfObject result = told.object("result").orElse(ConfObject.EMPTY);
        lines.add("result    " + (result.has("status") ? result.integer("status", 0) + ": " + text(result, "reason")
            : result.has("application") ? "application " + text(result, "application")
            + result.string("target").map(name -> ", target " + name).orElse("")
            : result.has("action") ? text(result, "action") : text(result, "reason")));
        return lines;
    }

    private static void step(ConfObject step, List<String> lines) {
        lines.add("  step    " + text(step, "step") + (step.bool("matched", false) ? " matches" : " does not match"));
        for (ConfObject condition : each(step, "conditions")) {
            lines.add("          " + (condition.bool("matched", false) ? "+ " : "- ") + text(condition, "condition")
                + " " + condition.get("value").map(Json::compact).orElse("") + " against "
                + condition.get("pattern").map(Json::compact).orElse("")
                + condition.string("decisive").map(one -> ", by \"" + one + "\"").orElse(""));
        }
    }

    private static String filters(ConfObject object) {
        List<String> names = object.array("filters").orElse(ConfArray.EMPTY).elements().stream()
            .map(name -> name instanceof ConfString text ? text.value() : "").toList();
        return names.isEmpty() ? "" : ", filters " + String.join(", ", names);
    }

    private static List<ConfObject> each(ConfObject object, String name) {
        List<ConfObject> all = new ArrayList<>();
        for (Conf element : object.array(name).orElse(ConfArray.EMPTY).elements()) {
            if (element instanceof ConfObject one) {
                all.add(one);
            }
        }
        return all;
    }

    private static String text(ConfObject object, String name) {
        return object.string(name).orElse("");
    }
}
