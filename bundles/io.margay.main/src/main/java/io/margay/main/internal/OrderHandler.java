// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.module.ModuleAdmin;
import io.margay.module.ModuleException;
import io.margay.module.ModuleOrder;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.PayloadException;
import io.margay.port.Peer;
import io.margay.posix.Fd;
import io.margay.posix.PosixException;
import java.util.Optional;

/** Orders of the controller about extension bundles, which come with the jar in sealed memory. On main's loop. */
final class OrderHandler {

    private static final String NAME = "module_order_handler";
    private static final int MAX_ORDER = 1 << 16;

    private final int self;
    private final ModuleAdmin modules;

    OrderHandler(int self, ModuleAdmin modules) {
        this.self = self;
        this.modules = modules;
    }

    /** Answers when it is done; the asking process may be gone by then. */
    void order(Message message, Peer controller) {
        Optional<Fd> jar = message.take(1);
        ModuleOrder order;
        try {
            order = ModuleOrder.decode(LargePayload.receive(message, NAME, MAX_ORDER));
            jar.ifPresent(memory -> check(memory, order.size()));
        } catch (IllegalArgumentException e) {
            jar.ifPresent(Fd::close);
            throw new PayloadException(NAME + ": " + e.getMessage());
        } catch (PayloadException e) {
            jar.ifPresent(Fd::close);
            throw e;
        }
        int stream = message.stream();
        (order.verb() == ModuleOrder.Verb.LIST ? modules.list() : modules.order(order, jar))
            .whenComplete((value, failure) -> answer(controller, stream, failure == null
                ? ConfObject.builder().put("value", value).build() : reason(failure)));
    }

    private static void check(Fd memory, long size) {
        LargePayload.check(memory, size, NAME, ModuleOrder.MAX_JAR);
    }

    private static ConfObject reason(Throwable failure) {
        ModuleException.Kind kind = failure instanceof ModuleException known ? known.kind()
            : ModuleException.Kind.FAILED;
        return ConfObject.builder().put("kind", kind.name()).put("error", String.valueOf(failure.getMessage()))
            .build();
    }

    private void answer(Peer controller, int stream, ConfObject answer) {
        try {
            LargePayload.send(controller, Header.last(MessageType.RPC_READY, stream, self), "modules",
                ConfWriter.compact(answer));
        } catch (PosixException e) {
            controller.send(Header.last(MessageType.RPC_ERROR, stream, self));
        }
    }
}
