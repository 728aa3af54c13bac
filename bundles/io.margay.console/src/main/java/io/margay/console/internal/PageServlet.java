// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.conf.ConfWriter;
import io.margay.control.ServerControl;
import io.margay.log.ErrorLog;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/**
 * Serves a page as a tab of the web console: HTML at its label, what it shows at {@code LABEL.json}, changes by
 * {@code POST}. The web console links to it and leaves the whole page to it, since it is registered for the addresses
 * themselves too.
 */
final class PageServlet extends HttpServlet {
    private static final long serialVersionUID = 1;
    private static final int MAX_ORDER = 9 << 20;

    private final transient Page page;
    private final transient PageShell shell;
    private final transient ErrorLog log;

    PageServlet(Page page, PageShell shell, ErrorLog log) {
        this.page = page;
        this.shell = shell;
        this.log = log;
    }

    /** {@return the reply to an order that makes no sense} */
    static ServerControl.Reply refused(String reason) {
        return new ServerControl.Reply(400, Map.of(), ConfWriter.compact(ServerControl.problem(reason)));
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!(request.getAttribute(ConsoleGate.USER) instanceof ConsoleUser user)) {
            response.setStatus(403);
            return;
        }
        String path = request.getServletPath();
        if (path.equals("/" + page.label() + ".json")) {
            String question = request.getParameter("show");
            send(response, 200, "application/json;charset=utf-8",
                ConfWriter.compact(question == null ? page.data() : page.detail(question)));
        } else if (!path.equals("/" + page.label()) || request.getPathInfo() != null) {
            // By way of the web console, for an address that only looks like one of ours.
            response.setStatus(404);
        } else {
            send(response, 200, "text/html;charset=utf-8",
                shell.html(page, request, user).getBytes(StandardCharsets.UTF_8));
        }
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        if (!(request.getAttribute(ConsoleGate.USER) instanceof ConsoleUser user) || !user.writes()) {
            response.setStatus(403);
            return;
        }
        ServerControl.Reply reply;
        if (UploadFile.TYPE.equals(request.getContentType())) {
            reply = upload(request, user);
        } else {
            byte[] body = request.getInputStream().readNBytes(MAX_ORDER + 1);
            reply = body.length > MAX_ORDER ? refused("The order is too large.") : order(body, user);
        }
        if (!reply.tag().isEmpty()) {
            response.setHeader("X-Tag", reply.tag());
        }
        send(response, reply.status() == 0 ? 502 : reply.status(), "application/json;charset=utf-8", reply.body());
    }

    private ServerControl.Reply upload(HttpServletRequest request, ConsoleUser user) {
        try (UploadFile file = UploadFile.of(request)) {
            ServerControl.Reply reply = page.upload(file.channel(), name ->
                Optional.ofNullable(request.getParameter(name)).orElse(""), user);
            log.notice("console: " + user.name() + ": " + page.label() + " upload of " + file.channel().size()
                + " bytes (" + reply.status() + ")");
            return reply;
        } catch (IOException e) {
            String reason = "The file has not arrived: " + e.getMessage();
            log.notice("console: " + user.name() + ": " + page.label() + ": " + word(reason));
            return refused(reason);
        }
    }

    private ServerControl.Reply order(byte[] body, ConsoleUser user) {
        try {
            Conf parsed = ConfParser.parse(body);
            if (!(parsed instanceof ConfObject order)) {
                return refused("An order is an object.");
            }
            ServerControl.Reply reply = page.change(order, user);
            if (!order.string("action").orElse("").equals("check")) {
                log.notice("console: " + user.name() + ": " + page.label() + " "
                    + word(order.string("action").orElse("?")) + " " + word(order.string("name").orElse("")) + " ("
                    + reply.status() + ")");
            }
            return reply;
        } catch (ConfSyntaxException e) {
            return refused("The order is no JSON: " + e.getMessage());
        }
    }

    private static String word(String text) {
        return (text.length() > 100 ? text.substring(0, 100) : text).replaceAll("[^\\x20-\\x7e]", "?");
    }

    private static void send(HttpServletResponse response, int status, String type, byte[] body) throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
    }
}
