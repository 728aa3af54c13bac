// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * The body of a response, written in the configuration as a template. What variables stand for was sent by clients, so
 * it is written such that it is text where it stands: in HTML and XML, and in strings of JSON and JavaScript. What a
 * script makes is left as it is. Immutable; for all loops.
 */
public final class BodyTemplate {

    private enum Form { PLAIN, MARKUP, STRING }

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);
    private static final int ROOM = 128;

    private final Template template;
    private final Form form;

    private BodyTemplate(Template template, Form form) {
        this.template = template;
        this.form = form;
    }

    /**
     * Compiles a body.
     *
     * @param option the member of the part that has the text
     * @param type the media type of the body
     * @throws RouteException if the text is no template
     */
    public static BodyTemplate compile(PlanContext here, String option, String text, String type) {
        return new BodyTemplate(here.template(option, text), Template.isScript(text) ? Form.PLAIN : form(type));
    }

    private static Form form(String type) {
        int end = type.indexOf(';');
        String name = (end < 0 ? type : type.substring(0, end)).strip().toLowerCase(Locale.ROOT);
        if (name.equals("text/html") || name.endsWith("/xml") || name.endsWith("+xml")) {
            return Form.MARKUP;
        }
        return name.endsWith("/json") || name.endsWith("+json") || name.endsWith("/javascript") ? Form.STRING
            : Form.PLAIN;
    }

    /** Whether the body is the same for each request. */
    public boolean isConstant() {
        return template.isConstant();
    }

    /** The body, if it is the same for each request. */
    public byte[] constant() {
        AsciiString text = template.literals().getFirst();
        if (!isConstant()) {
            throw new IllegalStateException("it has variables");
        }
        return text.toByteArray();
    }

    /**
     * The body for a request; a buffer of memory that the collector frees.
     *
     * @throws io.margay.http.ReportedException if it is a script and fails; that was logged, the request gets 500
     */
    public ByteBuf evaluate(Exchange exchange) {
        Sink sink = new Sink(Unpooled.buffer(ROOM), form);
        template.write(exchange, sink);
        return sink.out;
    }

    private record Sink(ByteBuf out, Form form) implements TemplateSink {

        @Override
        public void literal(AsciiString text) {
            out.writeBytes(text.array(), text.arrayOffset(), text.length());
        }

        @Override
        public void digits(long value, int least) {
            String text = Long.toString(value);
            for (int i = text.length(); i < least; i++) {
                out.writeByte('0');
            }
            out.writeCharSequence(text, StandardCharsets.US_ASCII);
        }

        @Override
        public void absent() {
            // It expands to nothing (spec/routing.md §6.3).
        }

        @Override
        public void put(byte[] a, int start, int length) {
            if (form == Form.PLAIN) {
                out.writeBytes(a, start, length);
                return;
            }
            for (int i = start; i < start + length; i++) {
                if (form == Form.MARKUP) {
                    markup(a[i]);
                } else {
                    string(a[i]);
                }
            }
        }

        private void markup(byte c) {
            switch (c) {
                case '&' -> write("&amp;");
                case '<' -> write("&lt;");
                case '>' -> write("&gt;");
                case '"' -> write("&#34;");
                case '\'' -> write("&#39;");
                default -> out.writeByte(c);
            }
        }

        /** The characters of HTML and quotes of both kinds as well, since scripts stand in pages. */
        private void string(byte c) {
            if (c >= 0 && c < ' ' || "\"\\'<>&".indexOf(c) >= 0) {
                write("\\u00");
                out.writeByte(HEX[c >> 4]).writeByte(HEX[c & 0xf]);
            } else {
                out.writeByte(c);
            }
        }

        private void write(String text) {
            out.writeCharSequence(text, StandardCharsets.US_ASCII);
        }
    }
}
