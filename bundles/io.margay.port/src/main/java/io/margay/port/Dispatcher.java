// SPDX-License-Identifier: Apache-2.0
package io.margay.port;

import io.margay.log.ErrorLog;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * The table of the messages that a process accepts, by type. Whether the sender may send it says what kind of process
 * the pid is that the kernel told; a sender that may not is refused with the text of {@code spec/processes.md §14}.
 * Built before its port opens and used on one loop's thread.
 */
public final class Dispatcher implements Port.Handler {

    private static final Map<Integer, String> DEEDS = Map.of(
        MessageType.START_PROCESS, "start processes",
        MessageType.SOCKET, "create listener sockets",
        MessageType.MODULES, "send modules",
        MessageType.CONF_STORE, "store conf",
        MessageType.CERT_GET, "store certificates",
        MessageType.SCRIPT_GET, "store scripts",
        MessageType.CERT_STORE, "store certificates",
        MessageType.SCRIPT_STORE, "store scripts",
        MessageType.CERT_DELETE, "delete certificates",
        MessageType.SCRIPT_DELETE, "delete scripts");

    private record Row(boolean anyone, Consumer<Message> handler) {
    }

    private final RoleLookup roles;
    private final ErrorLog log;
    private final Map<Integer, Row> rows = new HashMap<>();
    private BiConsumer<Message, String> refused = (message, text) -> { };
    private BiConsumer<Port, String> failed = (port, reason) -> { };

    /**
     * An empty table, which refuses everything.
     *
     * @param roles tells who may send what
     * @param log takes refusals
     */
    public Dispatcher(RoleLookup roles, ErrorLog log) {
        this.roles = roles;
        this.log = log;
    }

    /**
     * Accepts a type from the kinds of processes that may send it.
     *
     * @param type number of {@link MessageType}
     * @param handler takes the message; a {@link PayloadException} that it throws is logged, any other exception goes
     *     on to the loop's log, and the sender is refused in both cases
     * @return this table
     */
    public Dispatcher on(int type, Consumer<Message> handler) {
        rows.put(type, new Row(false, handler));
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
    public Dispatcher onAny(int type, Consumer<Message> handler) {
        rows.put(type, new Row(true, handler));
        return this;
    }

    /**
     * Sends answers to the requests that wait for them.
     *
     * @param rpc the registry of the loop
     * @return this table
     */
    public Dispatcher answers(Rpc rpc) {
        on(MessageType.RPC_READY, rpc::dispatch);
        return on(MessageType.RPC_ERROR, rpc::dispatch);
    }

    /**
     * Sets what else happens to a refused or malformed message, usually an error answer to the sender.
     *
     * @param action takes the message and the reason, which is logged
     * @return this table
     */
    public Dispatcher whenRefused(BiConsumer<Message, String> action) {
        this.refused = action;
        return this;
    }

    /**
     * Sets what happens when the port has ended by itself.
     *
     * @param action takes the port and the reason
     * @return this table
     */
    public Dispatcher whenFailed(BiConsumer<Port, String> action) {
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
        Row row = rows.get(message.type());
        if (row == null) {
            refuse(message, "process " + message.senderPid() + " sent unexpected message "
                + MessageType.name(message.type()));
            return;
        }
        if (!row.anyone() && !roles.maySend(message.senderPid(), message.type())) {
            refuse(message, text(message));
            return;
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

    private String text(Message message) {
        int type = message.type();
        if (type == MessageType.START_PROCESS && !roles.present(type)) {
            return "router port not found";
        }
        if (!roles.known(message.senderPid()) && (type == MessageType.CERT_GET || type == MessageType.SCRIPT_GET)) {
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
