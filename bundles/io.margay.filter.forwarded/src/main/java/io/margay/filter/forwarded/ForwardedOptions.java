// SPDX-License-Identifier: Apache-2.0
package io.margay.filter.forwarded;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.route.PlanContext;
import io.netty.util.AsciiString;
import java.util.Optional;

/** Reads the members of both options. */
final class ForwardedOptions {
    private ForwardedOptions() {
    }

    /** The option {@code forwarded}: at least one of two fields. */
    static ForwardedFilter forwarded(Conf value, PlanContext here) {
        ConfObject object = object(value, here);
        Optional<AsciiString> client = name(object, "client_ip", here);
        Optional<AsciiString> protocol = name(object, "protocol", here);
        if (client.isEmpty() && protocol.isEmpty()) {
            throw here.error("",
                "The \"forwarded\" object must have either \"client_ip\" or \"protocol\" option set.");
        }
        return filter(object, client, protocol, here);
    }

    /** The older option {@code client_ip}: the address only. */
    static ForwardedFilter clientIp(Conf value, PlanContext here) {
        ConfObject object = object(value, here);
        Optional<AsciiString> header = name(object, "header", here);
        if (header.isEmpty()) {
            throw here.error("", "Required parameter \"header\" is missing.");
        }
        return filter(object, header, Optional.empty(), here);
    }

    private static ForwardedFilter filter(ConfObject object, Optional<AsciiString> client,
                                          Optional<AsciiString> protocol, PlanContext here) {
        Conf source = present(object, "source").orElseThrow(() ->
            here.error("", "Required parameter \"source\" is missing."));
        return new ForwardedFilter(here.addresses("source", source), client, protocol,
            present(object, "recursive").isPresent() && object.bool("recursive", false));
    }

    private static ConfObject object(Conf value, PlanContext here) {
        if (value instanceof ConfObject object) {
            return object;
        }
        throw here.error("", "The value must be an object.");
    }

    private static Optional<Conf> present(ConfObject object, String name) {
        return object.get(name).filter(value -> !(value instanceof ConfNull));
    }

    private static Optional<AsciiString> name(ConfObject object, String option, PlanContext here) {
        return present(object, option).map(value -> {
            if (value instanceof ConfString text) {
                return new AsciiString(ConfText.encode(text.value()), false);
            }
            throw here.error(option, "The \"" + option + "\" value must be a string.");
        });
    }
}
