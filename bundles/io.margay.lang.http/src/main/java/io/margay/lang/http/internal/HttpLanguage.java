// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.http.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfString;
import io.margay.lang.AppSpec;
import io.margay.lang.InstalledModule;
import io.margay.lang.Language;
import io.margay.lang.Launch;
import io.margay.lang.Probe;
import java.util.ArrayList;
import java.util.List;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Programs that serve HTTP/1.1 by themselves: on a socket that they inherit, or on a port or a socket that they
 * are told. */
@Component(service = Language.class)
public final class HttpLanguage implements Language {

    /** Where programs that are started by systemd's rules look for their socket. */
    private static final int FIRST = 3;
    /** Such a program wants to know that the variables are meant for it; exec keeps the number of the process. */
    private static final String ACTIVATE = "LISTEN_PID=$$; export LISTEN_PID; exec \"$0\" \"$@\"";
    private static final String SHELL = "/bin/sh";
    private static final String PORT = "PORT";
    private static final String SOCKET = "SOCKET";

    /** Has no state. */
    @Activate
    public HttpLanguage() {
        // Nothing to do.
    }

    @Override
    public String type() {
        return "http";
    }

    @Override
    public String wire() {
        return "http";
    }

    /** Nothing needs to be installed; the version is that of the protocol. */
    @Override
    public List<Probe> probes() {
        return List.of(new Probe(type(), List.of(SHELL, "-c", "echo '{\"version\":\"1.1\"}'")));
    }

    @Override
    public void launch(AppSpec app, InstalledModule module, Launch.Builder launch) {
        launch.without(HttpLanguage::isOfServer).configured(app).prototype(Launch.Prototype.HOLDER)
            .readiness(Launch.Readiness.ACCEPTS);
        String executable = app.conf().string("executable").orElseThrow(() ->
            new IllegalStateException("application \"" + app.title() + "\" has no executable"));
        // The wire has chosen port and socket.
        switch (app.conf().string("listen").orElse("inherit")) {
            case "port" -> told(app, launch, executable, PORT, Long.toString(app.conf().integer("port", 0)));
            case "unix" -> told(app, launch, executable, SOCKET, app.conf().string("socket").orElse(""));
            default -> {
                launch.place("listen", FIRST).variable("LISTEN_FDS", "1").argv(SHELL, "-c", ACTIVATE, executable);
                arguments(app).forEach(launch::argv);
            }
        }
    }

    private static void told(AppSpec app, Launch.Builder launch, String executable, String variable, String value) {
        launch.variable(variable, value).argv(executable);
        arguments(app).forEach(word -> launch.argv(word.replace("$" + variable, value)));
    }

    /** What a service manager has told the server is not for its applications. */
    private static boolean isOfServer(String name) {
        return name.startsWith("LISTEN_") || name.equals("NOTIFY_SOCKET") || name.equals("MAINPID");
    }

    private static List<String> arguments(AppSpec app) {
        List<String> words = new ArrayList<>();
        for (Conf word : app.conf().array("arguments").orElse(ConfArray.EMPTY).elements()) {
            if (word instanceof ConfString text) {
                words.add(text.value());
            }
        }
        return words;
    }
}
