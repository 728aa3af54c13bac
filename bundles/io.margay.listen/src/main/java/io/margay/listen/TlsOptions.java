// SPDX-License-Identifier: Apache-2.0
package io.margay.listen;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfBoolean;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import java.util.ArrayList;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/**
 * The object {@code tls} of a listener ({@code spec/routing.md §14}), validated before.
 *
 * @param certificates names of stored bundles, at least one; the first serves clients that name no host
 * @param commands of OpenSSL's configuration files, in their order
 * @param cacheSize sessions that are kept for clients to come back to; 0 none
 * @param timeout of a session, seconds
 * @param randomTickets whether tickets are given out under a key of this process
 * @param ticketKeys in Base64, the last encrypts; tickets are given out when there is one
 * @param client what is asked of clients; empty if nothing
 * @param stapling where answers of the authority come from that are handed to clients: {@code true} for the responder
 *     that stands in a certificate, else its URL, or a file that somebody else keeps; empty for none
 */
public record TlsOptions(List<String> certificates, Map<String, String> commands, long cacheSize, long timeout,
                         boolean randomTickets, List<String> ticketKeys, Optional<ClientOptions> client,
                         Optional<String> stapling) {

    private static final long TIMEOUT = 300;

    /** Keeps own copies. */
    public TlsOptions {
        certificates = List.copyOf(certificates);
        commands = new LinkedHashMap<>(commands);
        ticketKeys = List.copyOf(ticketKeys);
    }

    /** Reads the options of a listener that names its certificates; empty when it has no TLS. */
    public static Optional<TlsOptions> of(ConfObject listener) {
        return of(listener, described -> {
            throw new IllegalArgumentException("certificates are named only");
        });
    }

    /**
     * Reads the options of a listener; empty when it has no TLS.
     *
     * @param names tells the name under which a certificate is stored that an object describes; what it throws is
     *     thrown
     */
    public static Optional<TlsOptions> of(ConfObject listener, Function<ConfObject, String> names) {
        return listener.object("tls").map(tls -> read(tls, names));
    }

    private static TlsOptions read(ConfObject tls, Function<ConfObject, String> names) {
        Map<String, String> commands = new LinkedHashMap<>();
        tls.object("conf_commands").orElse(ConfObject.EMPTY).members().forEach((name, value) ->
            commands.put(name, ((ConfString) value).value()));
        ConfObject session = tls.object("session").orElse(ConfObject.EMPTY);
        Conf tickets = session.get("tickets").orElse(ConfBoolean.FALSE);
        return new TlsOptions(certificates(tls.get("certificate").orElse(ConfArray.EMPTY), names), commands,
            session.integer("cache_size", 0), session.integer("timeout", TIMEOUT), tickets.equals(ConfBoolean.TRUE),
            strings(tickets), tls.object("client").map(ClientOptions::read), stapling(tls));
    }

    private static List<String> certificates(Conf value, Function<ConfObject, String> names) {
        return switch (value) {
            case ConfString name -> List.of(name.value());
            case ConfArray array -> array.elements().stream().flatMap(element -> certificates(element, names).stream())
                .toList();
            case ConfObject described -> List.of(names.apply(described));
            default -> List.of();
        };
    }

    private static Optional<String> stapling(ConfObject tls) {
        return tls.get("stapling").filter(value -> !value.equals(ConfBoolean.FALSE))
            .map(value -> value instanceof ConfString text ? text.value() : "true");
    }

    /** The strings of a value that is one, or an array of some. */
    static List<String> strings(Conf value) {
        List<String> strings = new ArrayList<>();
        switch (value) {
            case ConfString string -> strings.add(string.value());
            case ConfArray array -> array.elements().forEach(element -> strings.addAll(strings(element)));
            default -> { }
        }
        return strings;
    }

    /** Whether a stored bundle is one of its certificates, or tells whom to trust. */
    public boolean uses(String name) {
        return certificates.contains(name) || client.filter(asked -> asked.authorities().contains(name)).isPresent();
    }

    /** Whether sessions may be resumed by tickets. */
    boolean hasTickets() {
        return randomTickets || !ticketKeys.isEmpty();
    }

    /** The keys, the one that encrypts first. */
    List<byte[]> keys() {
        return ticketKeys.reversed().stream().map(Base64.getDecoder()::decode).toList();
    }
}
