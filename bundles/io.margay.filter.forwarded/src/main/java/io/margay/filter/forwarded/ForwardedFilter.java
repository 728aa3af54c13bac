// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.forwarded;

import io.margay.http.Exchange;
import io.margay.http.PeerAddress;
import io.margay.http.Request;
import io.margay.route.Action;
import io.margay.route.Filter;
import io.netty.util.AsciiString;
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

    @Override
    public Half half() {
        return Half.REQUEST;
    }

    @Override
    public void request(Exchange exchange, Action next) {
        if (trusted.test(exchange.request().remote())) {
            if (client.isPresent()) {
                address(exchange, client.get());
            }
            if (protocol.isPresent()) {
                scheme(exchange, protocol.get());
            }
        }
        next.run(exchange);
    }

    private static void scheme(Exchange exchange, AsciiString name) {
        Request request = exchange.request();
        for (int i = request.find(name, 0); i >= 0; i = request.find(name, i + 1)) {
            AsciiString value = request.value(i);
            if (!value.isEmpty()) {
                if (value.contentEqualsIgnoreCase(HTTP)) {
                    exchange.tls(false);
                } else if (value.contentEqualsIgnoreCase(HTTPS) || value.contentEqualsIgnoreCase(ON)) {
                    exchange.tls(true);
                }
                return;
            }
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
