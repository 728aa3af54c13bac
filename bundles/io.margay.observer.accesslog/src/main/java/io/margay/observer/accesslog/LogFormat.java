// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.accesslog;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.http.Exchange;
import io.margay.route.PlanContext;
import io.margay.route.Template;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** How a line is made (spec/routing.md §11). Immutable. */
final class LogFormat {
    /** What is written when no format is configured. */
    static final String DEFAULT = "$remote_addr - - [$time_local] \"$request_line\" $status $body_bytes_sent "
        + "\"$header_referer\" \"$header_user_agent\"";

    private static final String FORMAT = "format";

    private final boolean json;
    /** What stands in front of each template, as it is, and one text more behind the last. */
    private final byte[][] texts;
    private final Template[] templates;

    private LogFormat(boolean json, List<byte[]> texts, List<Template> templates) {
        this.json = json;
        this.texts = texts.toArray(byte[][]::new);
        this.templates = templates.toArray(Template[]::new);
    }

    /**
     * Compiles the option {@code format}.
     *
     * @param value empty for the default
     */
    static LogFormat compile(Optional<Conf> value, PlanContext context) {
        Conf format = value.orElse(Conf.of(DEFAULT));
        if (format instanceof ConfObject object) {
            return json(object, context.child(FORMAT));
        }
        if (!(format instanceof ConfString text)) {
            throw context.error(FORMAT, "The \"format\" value must be a string or an object.");
        }
        return new LogFormat(false, List.of(new byte[0], bytes("\n")), List.of(context.template(FORMAT, text.value())));
    }

    /** One object with a string for each member, in their order. */
    private static LogFormat json(ConfObject object, PlanContext context) {
        List<byte[]> texts = new ArrayList<>();
        List<Template> templates = new ArrayList<>();
        String before = "{";
        for (Map.Entry<String, Conf> member : object.members().entrySet()) {
            String name = member.getKey();
            if (name.isEmpty()) {
                throw context.error("", "In the access log format, the name must not be empty.");
            }
            if (!(member.getValue() instanceof ConfString text)) {
                throw context.error(name, "In the access log format, the value must be a string.");
            }
            LineBuffer quoted = new LineBuffer();
            quoted.text(bytes(before + "\""));
            quoted.json(ConfText.encode(name), 0, ConfText.encode(name).length);
            quoted.text(bytes("\":\""));
            texts.add(quoted.copy());
            templates.add(context.template(name, text.value()));
            before = "\",";
        }
        texts.add(bytes(templates.isEmpty() ? "{}\n" : "\"}\n"));
        return new LogFormat(true, texts, templates);
    }

    private static byte[] bytes(String text) {
        return ConfText.encode(text);
    }

    /** Whether lines have fields of responses. */
    boolean readsResponse() {
        for (Template template : templates) {
            if (template.readsResponse()) {
                return true;
            }
        }
        return false;
    }

    /** Writes the line of a request, its end included. On the loop of the exchange. */
    void write(Exchange exchange, LineBuffer out) {
        out.escape(json);
        for (int i = 0; i < templates.length; i++) {
            out.text(texts[i]);
            templates[i].write(exchange, out);
        }
        out.text(texts[templates.length]);
    }
}
