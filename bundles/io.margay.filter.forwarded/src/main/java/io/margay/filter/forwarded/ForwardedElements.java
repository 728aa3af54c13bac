// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.forwarded;

import io.margay.http.Request;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;

/** Reads the fields {@code Forwarded} of a request (RFC 7239 §4), in linear time. */
final class ForwardedElements {
    private static final String NO_TOKEN = "\"(),/:;<=>?@[\\]{}";

    private final String text;
    private int at;

    private ForwardedElements(String text) {
        this.text = text;
    }

    /**
     * What one proxy tells.
     *
     * @param client who has sent it the request; empty if it does not tell
     * @param protocol by which; empty if it does not tell
     */
    record Element(String client, String protocol) {
    }

    /** All elements, that of the first proxy first; those before a malformed one cannot be told from others: none. */
    static List<Element> of(Request request, AsciiString name) {
        List<Element> all = new ArrayList<>();
        for (int i = request.find(name, 0); i >= 0; i = request.find(name, i + 1)) {
            if (!new ForwardedElements(request.value(i).toString()).read(all)) {
                all.clear();
            }
        }
        return all;
    }

    private boolean read(List<Element> all) {
        do {
            String client = "";
            String protocol = "";
            boolean any = false;
            do {
                blanks();
                String name = token();
                if (!name.isEmpty()) {
                    String value = at < text.length() && text.charAt(at++) == '=' ? value() : "";
                    if (value.isEmpty()) {
                        return false;
                    }
                    client = name.equalsIgnoreCase("for") ? value : client;
                    protocol = name.equalsIgnoreCase("proto") ? value : protocol;
                    any = true;
                }
                blanks();
            } while (next(';'));
            if (any) {
                all.add(new Element(client, protocol));
            }
        } while (next(','));
        return at == text.length();
    }

    private boolean next(char separator) {
        if (at < text.length() && text.charAt(at) == separator) {
            at++;
            return true;
        }
        return false;
    }

    private void blanks() {
        while (at < text.length() && (text.charAt(at) == ' ' || text.charAt(at) == '\t')) {
            at++;
        }
    }

    private String token() {
        int start = at;
        while (at < text.length() && text.charAt(at) > ' ' && text.charAt(at) < 0x7f
                && NO_TOKEN.indexOf(text.charAt(at)) < 0) {
            at++;
        }
        return text.substring(start, at);
    }

    /** A token or a text in quotes; empty if it is malformed. */
    private String value() {
        if (!next('"')) {
            return token();
        }
        StringBuilder value = new StringBuilder();
        while (at < text.length()) {
            char c = text.charAt(at++);
            if (c == '"') {
                return value.toString();
            }
            if (c == '\\') {
                if (at == text.length()) {
                    return "";
                }
                c = text.charAt(at++);
            }
            value.append(c);
        }
        return "";
    }
}
