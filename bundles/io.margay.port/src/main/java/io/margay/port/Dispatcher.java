// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The table of the messages that a process accepts: type, roles that may send it, handler. The role is looked up by the
 * pid that the kernel told; a sender that may not is refused with the text of {@code spec/processes.md §14}. Built
 * before its port opens and used on one loop's thread.
 *
 * @param <R> the kinds of processes: an enum, names, or whatever has equality
 */
public final class Dispatcher<R> implements Port.Handler {

    private static final Map<Integer, String> DEEDS = Map.of(
        MessageType.START_PROCESS, "start processes",
        MessageType.SOCKET, "create listener sockets",
        MessageType.MODULES, "send modules",
        MessageType.MODULE, "send modules",
        MessageType.CONF_STORE, "store conf",
        MessageType.CERT_GET, "store certificates",
        MessageType.SCRIPT_GET, "store scripts",
        MessageType.CERT_DELETE, "delete certificates",
        MessageType.SCRIPT_DELETE, "delete scripts");

    private record Row<R>(Set<R> senders, boolean anyone, Consumer<Message> handler) {
    }

    private final RoleLookup<R> roles;
    private final PortLog log;
    private final Map<Integer, Row<R>> rows = new HashMap<>();
    private BiConsumer<Message, String> refused = (message, text) -> { };
    private BiConsumer<Port, String> failed = (port, reason) -> { };

    /**
     * An empty table, which refuses everything.
     *
     * @param roles tells what a sender is
     * @param log takes refusals
     */
    public Dispatcher(RoleLookup<R> roles, PortLog log) {
        this.roles = roles;
        this.log = log;
    }

    /**
     * Accepts a type from some roles.
     *
     * @param type number of {@link MessageType}
     * @param senders the roles that may send it
     * @param handler takes the message; a {@link PayloadException} that it throws is logged, any other exception goes
     *     on to the loop's log, and the sender is refused in both cases
     * @return this table
     */
    public Dispatcher<R> on(int type, Set<R> senders, Consumer<Message> handler) {
        rows.put(type, new Row<>(Set.copyOf(senders), false, handler));
        return this;
    }

    /**
     * Accepts a type from every process that can reach the port, registered or not; the handler checks the sender
     * itself.
     *
     * @param type number of {@link MessageType}
     * @param handler takes the message; a {@link PayloadException} that it throws is logged
     * @return this table
     */
    public Dispatcher<R> onAny(int type, Consumer<Message> handler) {
        rows.put(type, new Row<>(Set.of(), true, handler));
        return this;
    }

    /**
     * Sends answers to the requests that wait for them.
     *
     * @param rpc the registry of the loop
     * @param senders the roles that may answer
     * @return this table
     */
    public Dispatcher<R> answers(Rpc rpc, Set<R> senders) {
        on(MessageType.RPC_READY, senders, rpc::dispatch);
        return on(MessageType.RPC_ERROR, senders, rpc::dispatch);
    }

    /**
     * Sets what else happens to a refused or malformed message, usually an error answer to the sender.
     *
     * @param action takes the message and the reason, which is logged
     * @return this table
     */
    public Dispatcher<R> whenRefused(BiConsumer<Message, String> action) {
        this.refused = action;
        return this;
    }

    /**
     * Sets what happens when the port has ended by itself.
     *
     * @param action takes the port and the reason
     * @return this table
     */
    public Dispatcher<R> whenFailed(BiConsumer<Port, String> action) {
        this.failed = action;
        return this;
    }

    @Override
    public void message(Port port, Message message) {
        accept(message);
    }

    @Override
    public void failed(Port port, String reason) {
        failed.accept(port, reason);
    }

    /** Checks the sender and calls the handler. */
    public void accept(Message message) {
        Row<R> row = rows.get(message.type());
        if (row == null) {
            refuse(message, "process " + message.senderPid() + " sent unexpected message "
                + MessageType.name(message.type()));
            return;
        }
        if (!row.anyone()) {
            Optional<R> role = roles.role(message.senderPid());
            if (role.isEmpty() || !row.senders().contains(role.get())) {
                refuse(message, text(message, row, role.isPresent()));
                return;
            }
        }
        try {
            row.handler().accept(message);
        } catch (PayloadException e) {
            refuse(message, e.getMessage());
        } catch (RuntimeException | Error e) {
            // Who waits for an answer must not wait in vain; the loop logs the exception.
            refused.accept(message, "message " + MessageType.name(message.type()) + " could not be handled: " + e);
            throw e;
        }
    }

    private String text(Message message, Row<R> row, boolean known) {
        int type = message.type();
        if (type == MessageType.START_PROCESS && row.senders().stream().noneMatch(roles::present)) {
            return "router port not found";
        }
        if (!known && (type == MessageType.CERT_GET || type == MessageType.SCRIPT_GET)) {
            return "process port not found (pid " + message.senderPid() + ", reply_port "
                + message.header().replyPort() + ")";
        }
        String deed = DEEDS.get(type);
        return "process " + message.senderPid() + " cannot "
            + (deed == null ? "send " + MessageType.name(type) : deed);
    }

    private void refuse(Message message, String text) {
        log.alert(text);
        refused.accept(message, text);
    }
}
