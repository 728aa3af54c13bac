// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.main.CommandShell;
import io.margay.process.ProcessContext;
import io.margay.process.ServerOptions;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

class ShellOrdersTest {
    private static final int ACCOUNT = 42;

    private final Stage stage = new Stage();
    private final List<String> demanded = new ArrayList<>();
    private final List<CommandShell.Server> servers = new ArrayList<>();
    private boolean broken;
    private boolean missing;

    private final CommandShell shell = (server, order) -> {
        servers.add(server);
        return CompletableFuture.completedFuture(order);
    };

    private ShellOrders orders() {
        ServerOptions options = answering(ServerOptions.class, Map.of("control", "unix:c.sock", "log", "/l/log"),
            name -> null);
        ProcessContext context = answering(ProcessContext.class, Map.of("options", options), name -> {
            if (name.equals("demand")) {
                demanded.add(name);
                if (broken) {
                    throw new IllegalStateException("a jar is missing");
                }
            }
            return null;
        });
        ServiceReference<?> reference = answering(ServiceReference.class, Map.of(), name -> null);
        BundleContext bundles = answering(BundleContext.class, missing ? Map.of()
            : Map.of("getServiceReference", reference, "getService", shell), name -> null);
        return new ShellOrders(stage.loops.loop(0), stage.self, context, bundles, "1.2.3", stage.lines);
    }

    private static <T> T answering(Class<T> type, Map<String, Object> answers, Function<String, Object> other) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type},
            (proxy, method, arguments) -> answers.containsKey(method.getName()) ? answers.get(method.getName())
                : other.apply(method.getName())));
    }

    @AfterEach
    void close() {
        stage.close();
    }

    private CompletableFuture<ConfObject> order(ShellOrders orders, long uid) {
        return stage.call(() -> orders.obey(ConfObject.builder().put("uid", uid).build(), ACCOUNT)
            .toCompletableFuture());
    }

    private static int refused(CompletableFuture<ConfObject> order) {
        ExecutionException e = assertThrows(ExecutionException.class, () -> order.get(60, TimeUnit.SECONDS));
        return assertInstanceOf(CommandShell.Refused.class, e.getCause()).status();
    }

    @Test
    void itComesWithTheFirstOrder() throws Exception {
        ShellOrders orders = orders();
        assertEquals(List.of(), demanded);
        order(orders, 0).get(60, TimeUnit.SECONDS);
        order(orders, ACCOUNT).get(60, TimeUnit.SECONDS);
        assertEquals(List.of("demand"), demanded, "once");
        assertEquals("1.2.3", servers.getFirst().version());
        assertTrue(servers.getFirst().control().matches("unix:/.*/c.sock"), servers::toString);
        assertEquals("/l/log", servers.getFirst().log().toString());
    }

    @Test
    void nobodyElseHasOne() {
        ShellOrders orders = orders();
        for (long uid : new long[] {-1, 1, 65534, 4294967295L}) {
            assertEquals(403, refused(order(orders, uid)));
        }
        assertEquals(List.of(), demanded);
    }

    @Test
    void whatIsBrokenIsTriedAgain() throws Exception {
        ShellOrders orders = orders();
        broken = true;
        assertEquals(503, refused(order(orders, 0)));
        assertTrue(stage.lines.all.toString().contains("alert the shell could not be started: a jar is missing"),
            stage.lines.all::toString);
        broken = false;
        order(orders, 0).get(60, TimeUnit.SECONDS);
        assertEquals(2, demanded.size());
    }

    @Test
    void aContainerNeedNotHaveOne() {
        missing = true;
        assertEquals(503, refused(order(orders(), 0)));
    }
}
