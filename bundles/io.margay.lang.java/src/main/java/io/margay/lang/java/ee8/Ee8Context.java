// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.ee8;

import io.margay.lang.java.runner.RunnerOptions;
import io.margay.lang.java.runner.WebContext;
import java.util.List;
import org.eclipse.jetty.ee8.servlet.ListenerHolder;
import org.eclipse.jetty.ee8.servlet.Source;
import org.eclipse.jetty.ee8.webapp.WebAppContext;
import org.eclipse.jetty.security.EmptyLoginService;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.util.resource.ResourceFactory;

/** Java EE 8: {@code javax.servlet} 4.0, JSP 2.3, WebSocket 1.1. Loaded by an {@code EditionLoader}. */
public final class Ee8Context implements WebContext {

    /** Called by name. */
    public Ee8Context() {
        // There is nothing to keep.
    }

    @Override
    public Handler open(RunnerOptions options) throws Exception {
        WebAppContext context = new WebAppContext();
        context.setContextPath(options.contextPath());
        context.setWar(options.webapp().toRealPath().toString());
        List<Resource> classpath = WebContext.classpath(options, ResourceFactory.of(context));
        if (!classpath.isEmpty()) {
            context.setExtraClasspath(classpath);
        }
        context.setThrowUnavailableOnStartupException(true);
        context.setLogUrlOnStart(false);
        context.getHiddenClassMatcher().add(HIDDEN.toArray(String[]::new));
        context.getSessionHandler().setHttpOnly(true);
        context.setMaxFormContentSize(-1);
        // The server knows no users: who configures a login finds that nobody gets in, unless the application has some.
        context.getSecurityHandler().setLoginService(new EmptyLoginService());
        if (!options.listener().isEmpty()) {
            ListenerHolder holder = new ListenerHolder(Source.EMBEDDED);
            holder.setClassName(options.listener());
            context.getServletHandler().addListener(holder);
        }
        return context.get();
    }
}
