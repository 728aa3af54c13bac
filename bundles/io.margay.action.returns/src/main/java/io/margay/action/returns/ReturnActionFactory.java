// SPDX-License-Identifier: Apache-2.0
package io.margay.action.returns;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
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
    private static final AsciiString LOCATION = AsciiString.cached("Location");

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
            Answer answer = new Answer(status, Fields.NONE, NOTHING);
            return exchange -> exchange.respond(answer);
        }
        Template template = location.get();
        if (template.isConstant()) {
            Answer answer = new Answer(status, Fields.of(LOCATION,
                UriEncoding.uri(AsciiString.of(text(compiler.member("location").orElseThrow())))), NOTHING);
            return exchange -> exchange.respond(answer);
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
        exchange.respond(status, Fields.of(LOCATION, UriEncoding.uri(template.evaluate(exchange))), NOTHING);
    }
}
