// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.headers;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.route.Filter;
import io.margay.route.FilterFactory;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The option {@code response_headers} (spec/http.md §12.1). */
@Component
public final class HeaderFilterFactory implements FilterFactory {
    /** Where a response ends is said by the server alone. */
    private static final List<String> FRAMING = List.of("Content-Length", "Transfer-Encoding");
    private static final String OPTION = "response_headers";
    private static final int ORDER = 1000;

    /** Creates the service. */
    @Activate
    public HeaderFilterFactory() {
    }

    @Override
    public String option() {
        return OPTION;
    }

    @Override
    public int order() {
        return ORDER;
    }

    @Override
    public Filter compile(Conf value, RouteCompiler compiler) {
        PlanContext here = compiler.child(OPTION);
        if (!(value instanceof ConfObject object)) {
            throw here.error("", "The \"response_headers\" value must be an object.");
        }
        List<HeaderFilter.Change> changes = new ArrayList<>();
        for (Map.Entry<String, Conf> member : object.members().entrySet()) {
            String name = member.getKey();
            check(name, here);
            changes.add(new HeaderFilter.Change(new AsciiString(ConfText.encode(name), false),
                template(name, member.getValue(), here)));
        }
        return new HeaderFilter(changes, compiler.log());
    }

    private static Optional<Template> template(String name, Conf value, PlanContext here) {
        if (value instanceof ConfNull) {
            return Optional.empty();
        }
        if (!(value instanceof ConfString text)) {
            throw here.error(name, "The \"" + name + "\" response header value must either be a string or a null");
        }
        Template template = here.template(name, text.value());
        if (!template.literals().stream().allMatch(HeaderFilter::isClean)) {
            throw here.error(name, "The \"" + name + "\" response header value must not contain control characters.");
        }
        return Optional.of(template);
    }

    private static void check(String name, PlanContext here) {
        if (name.isEmpty()) {
            throw here.error("", "The response header name must not be empty.");
        }
        for (String framing : FRAMING) {
            if (name.equalsIgnoreCase(framing)) {
                throw here.error("", "The \"" + framing + "\" response header value is not supported");
            }
        }
        boolean token = name.chars().allMatch(c -> c > ' ' && c < 0x7f && "\"(),/:;<=>?@[\\]{}".indexOf(c) < 0);
        if (!token) {
            throw here.error("", "The response header name \"" + name + "\" is invalid.");
        }
    }
}
