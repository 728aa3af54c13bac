// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Locale;

/**
 * Runs a web application in a JVM of its own, on the listening socket that is the JVM's standard input, until SIGTERM.
 * The classes of this package may use nothing but Java 17 and Jetty.
 */
public final class ServletMain {

    private ServletMain() {
    }

    /** Takes {@link RunnerOptions}. */
    public static void main(String[] args) {
        properties();
        // All of them are parsed for Jetty's list of character sets: beside the rest, if there is a second processor.
        new Thread(Locale::getAvailableLocales, "locales").start();
        Container container;
        try {
            container = new Container(RunnerOptions.parse(args));
            container.start();
        } catch (Throwable e) {
            System.err.println("Unhandled exception in application start");
            e.printStackTrace();
            System.exit(1);
            return;
        }
        onTerm(() -> {
            container.stop();
            System.exit(0);
        });
    }

    /** Properties of Jetty that are read by its classes when they are loaded. */
    static void properties() {
        // Otherwise it asks the management beans, which takes longer than all the rest of its start.
        usual("org.eclipse.jetty.util.referencesPerCacheLine", "16");
        // Whoever looks for the reason of a failure reads standard error, which is the server's log.
        usual("org.eclipse.jetty.LEVEL", "WARN");
        // It misses schemas that are needed only for a check which nobody asks for.
        usual("org.apache.tomcat.util.descriptor.LEVEL", "ERROR");
    }

    private static void usual(String property, String value) {
        System.setProperty(property, System.getProperty(property, value));
    }

    /**
     * A hook of the runtime would end the JVM with an exit code that says that it was killed. The class is named by its
     * name only, since compilers warn of it.
     */
    private static void onTerm(Runnable action) {
        InvocationHandler handler = (proxy, method, args) -> switch (method.getName()) {
            case "handle" -> {
                new Thread(action, "stop").start();
                yield null;
            }
            case "equals" -> proxy == args[0];
            case "hashCode" -> System.identityHashCode(proxy);
            default -> "stop at SIGTERM";
        };
        try {
            Class<?> signal = Class.forName("sun.misc.Signal");
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Method handle = signal.getMethod("handle", signal, type);
            handle.invoke(null, signal.getConstructor(String.class).newInstance("TERM"),
                Proxy.newProxyInstance(ServletMain.class.getClassLoader(), new Class<?>[] {type}, handler));
        } catch (ReflectiveOperationException | IllegalArgumentException e) {
            // With -Xrs signals are the application's; then the JVM ends at once.
            System.err.println("no handler for SIGTERM: " + e);
        }
    }
}
