// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.log.ErrorLog;
import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Optional;
import java.util.Set;
import org.apache.felix.webconsole.spi.SecurityProvider;

/**
 * Stands in front of every request to the web console, its own pages and those of all plugins: who comes in by another
 * address, calls the console by a foreign name or has no right, is answered here and goes no further. Many threads at
 * a time.
 */
final class ConsoleGate implements SecurityProvider {
    /** The field by which our pages prove that a change is theirs. */
    static final String TOKEN = "X-CSRF-Token";
    /** The attribute with the {@link ConsoleUser} of a request. */
    static final String USER = "io.margay.console.user";

    private static final String COOKIE = "margay_console";
    private static final Set<String> READS = Set.of("GET", "HEAD", "OPTIONS");

    private final OriginRules origins;
    private final ConsoleLogins logins;
    private final ConsoleSessions sessions;
    private final ConsoleFiles files;
    private final Set<String> pages;
    private final ErrorLog log;
    private final ConsoleUser owner;

    /**
     * Makes the gate.
     *
     * @param pages labels of our pages, which need no code within their HTML
     */
    ConsoleGate(OriginRules origins, ConsoleLogins logins, ConsoleSessions sessions, ConsoleFiles files,
            Set<String> pages, ErrorLog log) {
        this.origins = origins;
        this.logins = logins;
        this.sessions = sessions;
        this.files = files;
        this.pages = pages;
        this.log = log;
        this.owner = new ConsoleUser("owner", true, sessions.secret(), false);
    }

    @Override
    public Object authenticate(HttpServletRequest request, HttpServletResponse response) {
        try {
            return enter(request, response).orElse(null);
        } catch (IOException e) {
            // The client has gone.
            return null;
        }
    }

    private Optional<ConsoleUser> enter(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String path = Optional.ofNullable(request.getPathInfo()).orElse("/");
        boolean own = path.startsWith("/login") || path.startsWith(ConsoleFiles.PREFIX)
            || pages.contains(label(path));
        SecurityHeaders.set(response, own);
        if (!(request.getAttribute(ConsolePeer.ATTRIBUTE) instanceof ConsolePeer peer)) {
            return refuse(response, 403, "This is not the address of the console.");
        }
        if (!origins.isOurs(request.getHeader("Host"))) {
            return refuse(response, 403, "The console is not known by this name.");
        }
        if (path.startsWith(ConsoleFiles.PREFIX) && READS.contains(request.getMethod())) {
            files.send(path.substring(ConsoleFiles.PREFIX.length()), request, response);
            return Optional.empty();
        }
        if (path.equals("/login")) {
            login(request, response, peer);
            return Optional.empty();
        }
        Optional<ConsoleUser> user = user(request, response, peer);
        if (user.isEmpty()) {
            return response.isCommitted() || response.getStatus() == 429 ? Optional.empty()
                : unknown(request, response);
        }
        if (!READS.contains(request.getMethod())) {
            Optional<String> reason = refusal(request, user.get(), pages.contains(label(path)));
            if (reason.isPresent()) {
                log.warn("console: " + request.getMethod() + " " + printable(path) + " of " + user.get().name() + " ("
                    + peer.name() + ") refused: " + reason.get());
                return refuse(response, 403, reason.get());
            }
        }
        request.setAttribute(USER, user.get());
        return user;
    }

    private static String label(String path) {
        int end = 1;
        while (end < path.length() && path.charAt(end) != '/' && path.charAt(end) != '.') {
            end++;
        }
        return path.isEmpty() ? "" : path.substring(1, end);
    }

    /** Why a change is not allowed. */
    private static Optional<String> refusal(HttpServletRequest request, ConsoleUser user, boolean ours) {
        if (!user.writes()) {
            return Optional.of("The role \"read\" may look and change nothing.");
        }
        String from = Optional.ofNullable(request.getHeader("Origin")).orElse(request.getHeader("Referer"));
        Optional<Boolean> same = OriginRules.isSame(request.getHeader("Host"), from);
        String site = request.getHeader("Sec-Fetch-Site");
        if (same.isPresent() && !same.get() || site != null && !site.equals("same-origin") && !site.equals("none")) {
            return Optional.of("A page of another origin may change nothing.");
        }
        String token = request.getHeader(TOKEN);
        if (token != null) {
            return MessageDigest.isEqual(token.getBytes(StandardCharsets.UTF_8),
                user.token().getBytes(StandardCharsets.UTF_8)) ? Optional.empty()
                : Optional.of("The page is out of date: load it again.");
        }
        // Pages of others know no token: there the browser must say that the change is the console's own.
        return user.explicit() || !ours && same.isPresent() ? Optional.empty()
            : Optional.of("The change does not prove that it comes from a page of the console.");
    }

    private Optional<ConsoleUser> user(HttpServletRequest request, HttpServletResponse response, ConsolePeer peer)
            throws IOException {
        Optional<ConsoleUser> known = cookie(request).flatMap(sessions::find);
        if (known.isPresent()) {
            return known;
        }
        String basic = request.getHeader("Authorization");
        if (basic != null && basic.regionMatches(true, 0, "Basic ", 0, 6)) {
            Optional<String[]> pair = decode(basic.substring(6).strip());
            ConsoleLogins.Outcome outcome = pair.map(both -> logins.attempt(both[0], both[1], peer))
                .orElse(ConsoleLogins.Outcome.WRONG);
            if (outcome.pause() > 0) {
                slow(response, outcome);
                return Optional.empty();
            }
            return outcome.user().map(entry -> new ConsoleUser(entry.name(), entry.writes(), sessions.secret(), true));
        }
        return peer.owner() ? Optional.of(owner) : Optional.empty();
    }

    private static Optional<String[]> decode(String text) {
        try {
            String[] pair = new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8).split(":", 2);
            return pair.length == 2 ? Optional.of(pair) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<String> cookie(HttpServletRequest request) {
        Cookie[] cookies = Optional.ofNullable(request.getCookies()).orElse(new Cookie[0]);
        for (Cookie cookie : cookies) {
            if (cookie.getName().equals(COOKIE)) {
                return Optional.of(cookie.getValue());
            }
        }
        return Optional.empty();
    }

    private void login(HttpServletRequest request, HttpServletResponse response, ConsolePeer peer)
            throws IOException {
        PageTexts texts = PageTexts.of(request);
        if (!request.getMethod().equals("POST")) {
            LoginForm.send(request, response, texts, 200, "");
            return;
        }
        if (!OriginRules.isSame(request.getHeader("Host"), request.getHeader("Origin")).orElse(true)) {
            refuse(response, 403, "A page of another origin may change nothing.");
            return;
        }
        ConsoleLogins.Outcome outcome = logins.attempt(Optional.ofNullable(request.getParameter("user")).orElse(""),
            Optional.ofNullable(request.getParameter("password")).orElse(""), peer);
        if (outcome.pause() > 0) {
            response.setHeader("Retry-After", Long.toString(outcome.pause()));
            LoginForm.send(request, response, texts, 429, texts.get("login.slow", outcome.pause()));
        } else if (outcome.user().isEmpty()) {
            LoginForm.send(request, response, texts, 401, texts.get("login.wrong"));
        } else {
            cookie(request).ifPresent(sessions::end);
            String secret = sessions.begin(outcome.user().get().name(), outcome.user().get().writes());
            response.addHeader("Set-Cookie", COOKIE + "=" + secret + "; Path=/; HttpOnly; SameSite=Strict");
            response.setHeader("Location", LoginForm.next(request));
            response.setStatus(303);
            response.flushBuffer();
        }
    }

    private static void slow(HttpServletResponse response, ConsoleLogins.Outcome outcome) throws IOException {
        response.setHeader("Retry-After", Long.toString(outcome.pause()));
        refuse(response, 429, "Too many wrong passwords: wait " + outcome.pause() + " seconds.");
    }

    private static Optional<ConsoleUser> unknown(HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        String accept = Optional.ofNullable(request.getHeader("Accept")).orElse("");
        if (request.getMethod().equals("GET") && accept.contains("text/html")) {
            response.setHeader("Location", LoginForm.address(request));
            response.setStatus(303);
            response.flushBuffer();
            return Optional.empty();
        }
        return refuse(response, 401, "Log in first.");
    }

    private static Optional<ConsoleUser> refuse(HttpServletResponse response, int status, String reason)
            throws IOException {
        byte[] body = ("{\"error\": \"" + reason.replace("\"", "\\\"") + "\"}\n").getBytes(StandardCharsets.UTF_8);
        response.setStatus(status);
        response.setContentType("application/json;charset=utf-8");
        response.setContentLength(body.length);
        response.getOutputStream().write(body);
        response.flushBuffer();
        return Optional.empty();
    }

    /** Paths come from others and go into the log. */
    private static String printable(String path) {
        String text = path.length() > 100 ? path.substring(0, 100) : path;
        return text.replaceAll("[^\\x20-\\x7e]", "?");
    }

    @Override
    public boolean authorize(Object user, String role) {
        return user instanceof ConsoleUser;
    }

    @Override
    public void logout(HttpServletRequest request, HttpServletResponse response) {
        cookie(request).ifPresent(sessions::end);
        response.addHeader("Set-Cookie", COOKIE + "=; Path=/; Max-Age=0; HttpOnly; SameSite=Strict");
        response.setHeader("Location", LoginForm.address(request));
        response.setStatus(303);
        try {
            response.flushBuffer();
        } catch (IOException e) {
            // The client has gone, and its session too.
            return;
        }
    }
}
