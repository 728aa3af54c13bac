// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.http.Exchange;
import io.margay.http.ResponseHead;
import io.margay.http.Variants;
import io.margay.route.BodyTemplate;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.util.AsciiString;
import java.util.Optional;

/** The body that responses with some status get. Immutable for those who use it; for all loops. */
sealed interface ErrorPage {

    /** Whether it also takes the place of what applications and other servers say. */
    boolean intercepts();

    /** Puts itself in the place of the body. */
    void replace(Exchange exchange, ResponseHead head);

    /** A file, as it is now. */
    record OfFile(PageFile file, AsciiString type, boolean intercepts) implements ErrorPage {

        @Override
        public void replace(Exchange exchange, ResponseHead head) {
            PageFile.Held held = file.current();
            head.replace(type, held.content().duplicate(), Optional.of(held.variants()));
        }
    }

    /** A text that is the same for all. */
    record OfText(ByteBuf text, Variants variants, AsciiString type, boolean intercepts) implements ErrorPage {

        OfText(byte[] text, AsciiString type, boolean intercepts) {
            this(Unpooled.unreleasableBuffer(Unpooled.wrappedBuffer(text).asReadOnly()), new Variants(text.length),
                type, intercepts);
        }

        @Override
        public void replace(Exchange exchange, ResponseHead head) {
            head.replace(type, text.duplicate(), Optional.of(variants));
        }
    }

    /** A text with variables. */
    record OfTemplate(BodyTemplate template, AsciiString type, boolean intercepts) implements ErrorPage {

        @Override
        public void replace(Exchange exchange, ResponseHead head) {
            head.replace(type, template.evaluate(exchange), Optional.empty());
        }
    }
}
