// SPDX-License-Identifier: Apache-2.0
package io.margay.action.returns;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.Exchange;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.margay.route.UriEncoding;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The action {@code return}: a status, with a {@code Location} if wanted (spec/routing.md §5.2). */
@Component
public final class ReturnActionFactory implements ActionFactory {
    private static final Set<String> OPTIONS = Set.of("return", "location");
    private static final byte[] NOTHING = {};
    private static final byte[] LOCATION = "Location: ".getBytes(StandardCharsets.ISO_8859_1);

    /** Creates the service. */
    @Activate
    public ReturnActionFactory() {
    }

    @Override
    public String option() {
        return "return";
    }

    @Override
    public Set<String> options() {
        return OPTIONS;
    }

    @Override
    public Action compile(ConfObject action, RouteCompiler compiler) {
        int status = compiler.member("return").map(value -> status(value, compiler)).orElseThrow();
        if (status >= 400 && status < 600) {
            return exchange -> exchange.fail(status);
        }
        Optional<Template> location = compiler.member("location").map(value -> location(value, compiler));
        if (location.isEmpty()) {
            return exchange -> exchange.respond(status, NOTHING, NOTHING);
        }
        Template template = location.get();
        if (template.isConstant()) {
            byte[] line = line(UriEncoding.uri(AsciiString.of(text(compiler.member("location").orElseThrow()))));
            return exchange -> exchange.respond(status, line, NOTHING);
        }
        return exchange -> redirect(exchange, status, template);
    }

    private static int status(Conf value, RouteCompiler compiler) {
        if (!(value instanceof ConfNumber number) || !number.isInteger()) {
            throw compiler.error("return", "The \"return\" value must be an integer.");
        }
        double status = number.doubleValue();
        if (status < 0 || status > 999) {
            throw compiler.error("return",
                "The \"return\" value is out of allowed HTTP status code range 0-999.");
        }
        return (int) status;
    }

    private static Template location(Conf value, RouteCompiler compiler) {
        if (!(value instanceof ConfString string)) {
            throw compiler.error("location", "The \"location\" value must be a string.");
        }
        return compiler.template("location", string.value());
    }

    private static String text(Conf value) {
        return new String(((ConfString) value).bytes(), StandardCharsets.ISO_8859_1);
    }

    private static void redirect(Exchange exchange, int status, Template template) {
        exchange.respond(status, line(UriEncoding.uri(template.evaluate(exchange))), NOTHING);
    }

    /** The field line; the encoding leaves no byte that could end it. */
    private static byte[] line(AsciiString location) {
        byte[] line = new byte[LOCATION.length + location.length() + 2];
        System.arraycopy(LOCATION, 0, line, 0, LOCATION.length);
        System.arraycopy(location.array(), location.arrayOffset(), line, LOCATION.length, location.length());
        line[line.length - 2] = '\r';
        line[line.length - 1] = '\n';
        return line;
    }
}
