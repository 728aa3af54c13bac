// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.route.PlanContext;
import io.margay.route.Template;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A field of the request that is another one for the server.
 *
 * @param name of the field
 * @param value what it is instead of what the client has sent; without one it is left out
 */
record HeaderChange(AsciiString name, Optional<Template> value) {
    private static final String OPTION = "request_headers";
    static List<HeaderChange> read(ConfObject conf, PlanContext at) {
        List<HeaderChange> changes = new ArrayList<>();
        PlanContext here = at.child(OPTION);
        conf.object(OPTION).orElse(ConfObject.EMPTY).members().forEach((name, value) -> {
            changes.add(new HeaderChange(new AsciiString(ConfText.encode(name), false), template(name, value, here)));
        });
        return List.copyOf(changes);
    }

    private static Optional<Template> template(String name, Conf value, PlanContext here) {
        if (value instanceof ConfNull) {
            return Optional.empty();
        }
        if (!(value instanceof ConfString text)) {
            throw here.error(name, "The \"" + name + "\" request header value must either be a string or a null");
        }
        return Optional.of(here.template(name, text.value()));
    }
}
