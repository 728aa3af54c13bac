// SPDX-License-Identifier: Apache-2.0
package site;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.FilterChain;
import jakarta.servlet.RequestDispatcher;
import jakarta.servlet.ServletContextEvent;
import jakarta.servlet.ServletContextListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebFilter;
import jakarta.servlet.annotation.WebListener;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import jakarta.websocket.OnMessage;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.util.Collections;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/** A web application with one of each; ServletIT compiles it. */
public final class Site {

    private static final BlockingQueue<AsyncContext> WAITING = new LinkedBlockingQueue<>();

    private Site() {
    }

    /** What the request looks like. */
    @WebServlet("/hello")
    public static class Hello extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentType("text/plain");
            response.getWriter().print(request.getScheme() + " " + request.isSecure() + " " + request.getRemoteAddr()
                + " " + request.getRemotePort() + " " + request.getLocalPort() + " " + request.getRequestURL() + " "
                + request.getQueryString() + " " + Collections.list(request.getHeaderNames()) + " "
                + Collections.list(request.getHeaders("X-Twice")) + " " + System.getProperty("site.name") + " "
                + ProcessHandle.current().pid());
        }
    }

    /** What kind of thread it is; that of a runtime without virtual ones says so, too. */
    @WebServlet("/thread")
    public static class Kind extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print(Thread.currentThread().toString().startsWith("VirtualThread"));
        }
    }

    /** The body comes back. */
    @WebServlet("/echo")
    public static class Echo extends HttpServlet {
        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.setContentLengthLong(request.getContentLengthLong());
            request.getInputStream().transferTo(response.getOutputStream());
        }
    }

    /** Counts the visits of a session. */
    @WebServlet("/count")
    public static class Count extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            Object before = request.getSession().getAttribute("count");
            int count = before == null ? 1 : (int) before + 1;
            request.getSession().setAttribute("count", count);
            response.getWriter().print(count);
        }
    }

    /** Waits until somebody wakes it. */
    @WebServlet(urlPatterns = "/wait", asyncSupported = true)
    public static class Wait extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) {
            WAITING.add(request.startAsync());
        }
    }

    /** Wakes one that waits, which may come after this. */
    @WebServlet("/wake")
    public static class Wake extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            try {
                AsyncContext waiting = WAITING.take();
                waiting.getResponse().getWriter().print("woken");
                waiting.complete();
            } catch (InterruptedException e) {
                throw new IOException(e);
            }
        }
    }

    /** Fails in the way that is asked for. */
    @WebServlet("/fail")
    public static class Fail extends HttpServlet {
        @Override
        protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
            if ("throw".equals(request.getQueryString())) {
                throw new IllegalStateException("no such luck");
            }
            response.sendError(Integer.parseInt(request.getQueryString()));
        }
    }

    /** The page for errors, named by web.xml. */
    public static class Trouble extends HttpServlet {
        @Override
        protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
            response.getWriter().print("trouble " + request.getAttribute(RequestDispatcher.ERROR_STATUS_CODE));
        }
    }

    /** Is in front of everything. */
    @WebFilter(urlPatterns = "/*", asyncSupported = true)
    public static class Mark extends HttpFilter {
        @Override
        protected void doFilter(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
                throws IOException, ServletException {
            response.addHeader("X-Mark", "a");
            response.addHeader("X-Mark", "b");
            chain.doFilter(request, response);
        }
    }

    /** Tells of begin and end. */
    @WebListener
    public static class Life implements ServletContextListener {
        @Override
        public void contextInitialized(ServletContextEvent event) {
            System.err.println("site begins");
        }

        @Override
        public void contextDestroyed(ServletContextEvent event) {
            System.err.println("site ends");
        }
    }

    /** Answers each message. */
    @ServerEndpoint("/socket")
    public static class Socket {
        @OnMessage
        public String echo(String text) {
            return "echo " + text;
        }
    }
}
