// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.port.Dispatcher;
import io.margay.port.Header;
import io.margay.port.LargePayload;
import io.margay.port.Message;
import io.margay.port.MessageType;
import io.margay.port.Peer;
import io.margay.port.SocketError;
import io.margay.status.AskedInspector;
import io.margay.status.Inspectors;
import java.util.Optional;
import java.util.function.Function;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * Answers INSPECT in a core process: the name of an inspector is the payload, or nothing for the list of them. An
 * answer is bounded; one that is longer says so instead. On the loop's thread.
 */
public final class InspectAnswers {

    /** The most bytes of one answer. */
    public static final int MAX_SIZE = 1 << 20;

    private static final int MAX_NAME = 256;
    private static final int MAX_TEXT = MAX_NAME + 1 + AskedInspector.LONGEST;

    private final Function<String, Optional<Conf>> source;
    private final int self;

    /**
     * Asks the inspectors of this process.
     *
     * @param bundles of any bundle of the framework; the service is looked for at each question, which are rare
     * @param self the own pid
     */
    public InspectAnswers(BundleContext bundles, int self) {
        this(name -> inspectors(bundles).flatMap(found -> shown(found, name)), self);
    }

    InspectAnswers(Function<String, Optional<Conf>> source, int self) {
        this.source = source;
        this.self = self;
    }

    private static Optional<Inspectors> inspectors(BundleContext bundles) {
        ServiceReference<Inspectors> reference = bundles.getServiceReference(Inspectors.class);
        return reference == null ? Optional.empty() : Optional.ofNullable(bundles.getService(reference));
    }

    /**
     * What an inspector shows; the list of their names for the empty name.
     *
     * @param inspectors those of a process
     * @param name of the inspector; if there is a question for it, NUL and that follow
     */
    public static Optional<Conf> shown(Inspectors inspectors, String name) {
        int end = name.indexOf('\0');
        if (end >= 0) {
            return inspectors.answer(name.substring(0, end), name.substring(end + 1));
        }
        return name.isEmpty() ? Optional.of(new ConfArray(inspectors.names().stream().map(Conf::of)
            .map(Conf.class::cast).toList())) : inspectors.dump(name);
    }

    /** Adds the message to a core child's table. */
    public void in(CoreChild child) {
        in(child.dispatcher(), child.table());
    }

    /**
     * Adds the message to a table of messages.
     *
     * @param dispatcher that of this process
     * @param table the processes that it knows: who asks is answered by its port
     */
    public void in(Dispatcher dispatcher, ProcessTable table) {
        dispatcher.on(MessageType.INSPECT, message ->
            table.find(message.senderPid()).flatMap(table::peer).ifPresent(peer -> answer(message, peer)));
    }

    /** Answers a question to who has asked. */
    public void answer(Message message, Peer asker) {
        String name = message.text();
        Optional<Conf> shown = name.length() > MAX_TEXT ? Optional.empty() : source.apply(name);
        if (shown.isEmpty()) {
            asker.send(Header.last(MessageType.RPC_ERROR, message.stream(), self),
                SocketError.plain("no inspector of this name"));
            return;
        }
        byte[] json = ConfWriter.compact(shown.get());
        LargePayload.send(asker, Header.last(MessageType.RPC_READY, message.stream(), self), "inspect",
            json.length <= MAX_SIZE ? json : ConfWriter.compact(ConfObject.builder().put("error",
                "this is longer than " + MAX_SIZE + " bytes").build()));
    }
}
