// SPDX-License-Identifier: Apache-2.0
package io.margay.route;

import io.margay.http.Exchange;
import io.netty.util.AsciiString;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * A section that compiles templates which begin with a backtick (spec/routing.md §6.5). Its factory is
 * {@linkplain SectionFactory#first first}, since all other parts of a configuration may have such templates. They are
 * evaluated after the section was {@linkplain Section#start started}.
 */
@ConsumerType
public interface TemplateLanguage extends Section {

    /** One template, immutable. */
    @ConsumerType
    interface Script {

        /**
         * The value for a request, on its loop.
         *
         * @throws TemplateException if it has none; the reason is logged with the name of the option
         */
        AsciiString evaluate(Exchange exchange);

        /** Whether it may ask for fields of the response, which an exchange keeps on demand only. */
        boolean readsResponse();
    }

    /**
     * Compiles a template.
     *
     * @param text with the backtick in front
     * @throws TemplateException if that is not possible
     */
    Script compile(String text);
}
