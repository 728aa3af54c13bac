// SPDX-License-Identifier: Apache-2.0
package io.margay.module;

import io.margay.lang.Language;
import java.lang.reflect.Proxy;
import java.util.concurrent.Semaphore;
import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** The only class of the bundles that tests make; the header {@code Test} says what it does. */
public final class TestExtension implements BundleActivator {

    @Override
    public void start(BundleContext context) {
        String deed = context.getBundle().getHeaders("").get("Test");
        switch (deed == null ? "" : deed) {
            case "throws" -> throw new IllegalStateException("no luck");
            case "nothing" -> { }
            case "waits" -> {
                Semaphore gate = (Semaphore) System.getProperties().get("io.margay.module.gate");
                gate.acquireUninterruptibly();
                register(context);
            }
            default -> register(context);
        }
    }

    private static void register(BundleContext context) {
        // Of a class of this bundle, so that whoever keeps the service keeps the class loader.
        Runnable mine = new Runnable() {
            @Override
            public void run() {
                throw new UnsupportedOperationException();
            }
        };
        context.registerService(Language.class, (Language) Proxy.newProxyInstance(TestExtension.class.getClassLoader(),
            new Class<?>[] {Language.class}, (proxy, method, arguments) -> switch (method.getName()) {
                case "type" -> "cobol";
                case "equals" -> proxy == arguments[0];
                case "hashCode" -> mine.hashCode();
                default -> throw new UnsupportedOperationException(method.getName());
            }), null);
    }

    @Override
    public void stop(BundleContext context) {
        // The framework takes the service back.
    }
}
