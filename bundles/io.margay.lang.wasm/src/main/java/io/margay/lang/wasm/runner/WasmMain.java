// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.wasm.runner;

/**
 * Runs a module in a JVM of its own, on the listening socket that is the JVM's standard input, until SIGTERM. The
 * classes of this package may use nothing but Java, Jetty and Chicory.
 */
public final class WasmMain {

    private WasmMain() {
    }

    /** Takes {@link ModuleOptions}. */
    public static void main(String[] args) throws Exception {
        properties();
        ModuleHost host;
        try {
            host = new ModuleHost(Program.load(ModuleOptions.parse(args)));
        } catch (ModuleStartException e) {
            report(e);
            System.exit(1);
            return;
        }
        host.serve();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            host.end();
            // Else the exit code would say that the process was killed.
            Runtime.getRuntime().halt(0);
        }, "stop"));
    }

    /** Properties of Jetty that are read by its classes when they are loaded. */
    static void properties() {
        System.setProperty("org.eclipse.jetty.LEVEL", "ERROR");
        // Otherwise Jetty asks the management beans, which takes longer than the rest of its start.
        System.setProperty("org.eclipse.jetty.util.referencesPerCacheLine", "16");
    }

    /** One line of the log, with the application, since several may write there. */
    static void report(Throwable failure) {
        String line = "WASM ERROR: " + failure.getMessage() + " (application \""
            + System.getProperty("margay.application", "") + "\")";
        System.err.println(line.replaceAll("\\s+", " "));
    }
}
