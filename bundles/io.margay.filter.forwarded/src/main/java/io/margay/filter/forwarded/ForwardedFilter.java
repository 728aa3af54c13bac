// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.forwarded;

import io.margay.http.Exchange;
import io.margay.http.PeerAddress;
import io.margay.http.Request;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.netty.util.AsciiString;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Takes address and scheme of the client from fields of a request whose sender is trusted (spec/routing.md §10).
 *
 * @param trusted who may tell
 * @param client the field that holds addresses
 * @param protocol the field that holds the scheme
 * @param recursive whether addresses of trusted hops are passed over
 */
record ForwardedFilter(Predicate<PeerAddress> trusted, Optional<AsciiString> client, Optional<AsciiString> protocol,
                       boolean recursive) implements Filter {
    private static final AsciiString HTTP = AsciiString.cached("http");
    private static final AsciiString HTTPS = AsciiString.cached("https");
    private static final AsciiString ON = AsciiString.cached("on");
    /** The one field that has a form of its own. */
    private static final AsciiString STANDARD = AsciiString.cached("forwarded");

    @Override
    public Half half() {
        return Half.REQUEST;
    }

    @Override
    public void request(Exchange exchange, Action next) {
        if (trusted.test(exchange.request().remote())) {
            List<ForwardedElements.Element> elements = isStandard(client) || isStandard(protocol)
                ? ForwardedElements.of(exchange.request(), STANDARD) : List.of();
            int told = isStandard(client) ? elements(exchange, elements) : elements.size() - 1;
            if (client.isPresent() && !isStandard(client)) {
                address(exchange, client.get());
            }
            if (!isStandard(protocol)) {
                protocol.ifPresent(name -> scheme(exchange, name));
            } else if (told >= 0) {
                encrypted(exchange, AsciiString.of(elements.get(told).protocol()));
            }
        }
        next.run(exchange);
    }

    private static boolean isStandard(Optional<AsciiString> name) {
        return name.isPresent() && name.get().contentEqualsIgnoreCase(STANDARD);
    }

    /** Takes the address of RFC 7239; the element that the protocol is of, too, or -1. */
    private int elements(Exchange exchange, List<ForwardedElements.Element> elements) {
        int told = -1;
        for (int i = elements.size() - 1; i >= 0; i--) {
            Optional<PeerAddress> address = ClientAddress.parse(elements.get(i).client());
            if (address.isEmpty()) {
                return told;
            }
            exchange.remote(address.get());
            told = i;
            if (!recursive || !trusted.test(address.get())) {
                return told;
            }
        }
        return told;
    }

    private static void scheme(Exchange exchange, AsciiString name) {
        Request request = exchange.request();
        for (int i = request.find(name, 0); i >= 0; i = request.find(name, i + 1)) {
            if (!request.value(i).isEmpty()) {
                encrypted(exchange, request.value(i));
                return;
            }
        }
    }

    private static void encrypted(Exchange exchange, AsciiString value) {
        if (value.contentEqualsIgnoreCase(HTTP)) {
            exchange.tls(false);
        } else if (value.contentEqualsIgnoreCase(HTTPS) || value.contentEqualsIgnoreCase(ON)) {
            exchange.tls(true);
        }
    }

    /** All fields of the name are one list, which is read from its end. */
    private void address(Exchange exchange, AsciiString name) {
        Request request = exchange.request();
        for (int i = request.fieldCount() - 1; i >= 0; i--) {
            if (request.name(i).contentEqualsIgnoreCase(name) && !walk(exchange, request.value(i))) {
                return;
            }
        }
    }

    /** Reads one field; false when the search is over. */
    private boolean walk(Exchange exchange, AsciiString list) {
        int end = list.length();
        while (end > 0) {
            while (end > 0 && separates(list.byteAt(end - 1))) {
                end--;
            }
            int start = end;
            while (start > 0 && !separates(list.byteAt(start - 1))) {
                start--;
            }
            if (start == end) {
                return true;
            }
            Optional<PeerAddress> address = ClientAddress.parse(list.toString(start, end));
            if (address.isEmpty()) {
                return false;
            }
            exchange.remote(address.get());
            if (!recursive || !trusted.test(address.get())) {
                return false;
            }
            end = start;
        }
        return true;
    }

    private static boolean separates(byte c) {
        return c == ',' || c == ' ';
    }
}
