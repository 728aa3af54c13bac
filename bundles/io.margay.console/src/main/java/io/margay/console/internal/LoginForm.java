// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** The page that asks for name and password. */
final class LoginForm {
    private static final String PAGE = """
        <!DOCTYPE html>
        <html lang="{language}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title} – Margay</title>
        <link rel="icon" href="{root}/margay/icon.svg">
        <link rel="stylesheet" href="{root}/margay/console.css">
        </head>
        <body class="login">
        <main>
        <h1>Margay</h1>
        <p>{lead}</p>
        {problem}
        <form method="post" action="{root}/login?next={next}">
        <label for="user">{user}</label>
        <input id="user" name="user" value="admin" autocomplete="username" autocapitalize="none" required>
        <label for="password">{password}</label>
        <input id="password" name="password" type="password" autocomplete="current-password" required autofocus>
        <button class="primary">{submit}</button>
        </form>
        </main>
        </body>
        </html>
        """;

    private LoginForm() {
    }

    /** {@return where a request goes that must log in first} */
    static String address(HttpServletRequest request) {
        String path = Optional.ofNullable(request.getPathInfo()).orElse("");
        return root(request) + "/login" + (path.isEmpty() || path.equals("/") || path.startsWith("/log") ? ""
            : "?next=" + URLEncoder.encode(path, StandardCharsets.UTF_8));
    }

    /** {@return where a login leads: a page of the console and nothing else} */
    static String next(HttpServletRequest request) {
        String next = Optional.ofNullable(request.getParameter("next")).orElse("");
        boolean page = next.matches("/[A-Za-z0-9][A-Za-z0-9._/-]{0,200}") && !next.contains("..");
        return root(request) + (page ? next : "/");
    }

    static void send(HttpServletRequest request, HttpServletResponse response, PageTexts texts, int status,
            String problem) throws IOException {
        String next = Optional.ofNullable(request.getParameter("next")).orElse("");
        byte[] page = PAGE.replace("{language}", texts.language()).replace("{root}", root(request))
            .replace("{title}", texts.get("login.title")).replace("{lead}", texts.get("login.lead"))
            .replace("{user}", texts.get("login.user")).replace("{password}", texts.get("login.password"))
            .replace("{submit}", texts.get("login.submit"))
            .replace("{problem}", problem.isEmpty() ? "" : "<p class=\"problem\" role=\"alert\">" + problem + "</p>")
            .replace("{next}", URLEncoder.encode(next.length() > 200 ? "" : next, StandardCharsets.UTF_8))
            .getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("text/html;charset=utf-8");
        response.setContentLength(page.length);
        response.getOutputStream().write(page);
        response.flushBuffer();
    }

    static String root(HttpServletRequest request) {
        return request.getContextPath() + request.getServletPath();
    }
}
