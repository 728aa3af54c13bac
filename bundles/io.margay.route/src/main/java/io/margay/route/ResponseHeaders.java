// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.http.Exchange;
import io.margay.http.ResponseFields;
import io.margay.http.ResponseFilter;
import io.margay.log.ErrorLog;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The option {@code response_headers} (spec/http.md §12.1). */
final class ResponseHeaders implements ResponseFilter {

    /** One change; without a template the field is removed. */
    private record Change(AsciiString name, Optional<Template> value) {
    }

    private final List<Change> changes;

    private ResponseHeaders(List<Change> changes) {
        this.changes = List.copyOf(changes);
    }

    static ResponseHeaders compile(Conf value, ConfPointer at) {
        if (!(value instanceof ConfObject object)) {
            throw new RouteException(at, "The \"response_headers\" value must be an object.");
        }
        List<Change> changes = new ArrayList<>();
        for (Map.Entry<String, Conf> member : object.members().entrySet()) {
            String name = member.getKey();
            check(name, at);
            ConfPointer place = at.child(name);
            if (member.getValue() instanceof ConfNull) {
                changes.add(new Change(Bytes.of(name), Optional.empty()));
                continue;
            }
            String text = Patterns.string(member.getValue()).orElseThrow(() -> new RouteException(place,
                "The \"" + name + "\" response header value must either be a string or a null"));
            Template template = Template.compile(text, name, place);
            if (!template.literals().stream().allMatch(ResponseHeaders::isClean)) {
                throw new RouteException(place,
                    "The \"" + name + "\" response header value must not contain control characters.");
            }
            changes.add(new Change(Bytes.of(name), Optional.of(template)));
        }
        return new ResponseHeaders(changes);
    }

    private static void check(String name, ConfPointer at) {
        if (name.isEmpty()) {
            throw new RouteException(at, "The response header name must not be empty.");
        }
        if (name.equalsIgnoreCase("Content-Length")) {
            throw new RouteException(at, "The \"Content-Length\" response header value is not supported");
        }
        boolean token = name.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
        if (!token) {
            throw new RouteException(at, "The response header name \"" + name + "\" is invalid.");
        }
    }

    private static boolean isClean(AsciiString text) {
        for (int i = 0; i < text.length(); i++) {
            byte c = text.byteAt(i);
            if (c >= 0 && c < 0x20 && c != '\t' || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    @Override
    public void apply(Exchange exchange, ResponseFields fields) {
        AsciiString[] values = new AsciiString[changes.size()];
        for (int i = 0; i < values.length; i++) {
            Optional<Template> template = changes.get(i).value();
            values[i] = template.isPresent() ? template.get().evaluate(exchange) : AsciiString.EMPTY_STRING;
        }
        for (int i = 0; i < values.length; i++) {
            Change change = changes.get(i);
            if (change.value().isEmpty()) {
                int field = fields.find(change.name());
                if (field >= 0) {
                    fields.remove(field);
                }
            } else if (isClean(values[i])) {
                fields.set(change.name(), values[i]);
            } else {
                ErrorLog.shared().info("response header \"" + change.name()
                    + "\" skipped: its value has control characters");
            }
        }
    }
}
