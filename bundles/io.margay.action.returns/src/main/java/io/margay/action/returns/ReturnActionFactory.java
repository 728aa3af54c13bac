// SPDX-License-Identifier: Apache-2.0
package io.margay.action.returns;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.http.Answer;
import io.margay.http.Exchange;
import io.margay.http.Fields;
import io.margay.http.StatusRules;
import io.margay.route.Action;
import io.margay.route.ActionFactory;
import io.margay.route.BodyTemplate;
import io.margay.route.RouteCompiler;
import io.margay.route.Template;
import io.margay.route.UriEncoding;
import io.netty.util.AsciiString;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** The action {@code return}: a status, with a {@code Location} or a body if wanted (spec/routing.md §5.2). */
@Component
public final class ReturnActionFactory implements ActionFactory {
    private static final Set<String> OPTIONS = Set.of("return", "location", "body", "content_type");
    private static final byte[] NOTHING = {};
    private static final AsciiString LOCATION = AsciiString.cached("Location");
    private static final AsciiString TYPE = AsciiString.cached("Content-Type");
    private static final String TEXT = "text/plain; charset=utf-8";

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
        boolean error = status >= 400 && status < 600;
        Optional<String> body = text("body", compiler);
        Optional<String> type = text("content_type", compiler);
        if (body.isEmpty()) {
            if (type.isPresent()) {
                throw compiler.error("content_type", "The \"content_type\" option is only of use beside the \"body\" "
                    + "option.");
            }
            return error ? exchange -> exchange.fail(status) : redirect(status, compiler);
        }
        if (!StatusRules.allowsBody(status)) {
            throw compiler.error("body", "A response with the status " + status + " has no body.");
        }
        String media = type.orElse(TEXT);
        if (media.isBlank() || media.chars().anyMatch(c -> c < ' ' || c >= 0x7f)) {
            throw compiler.error("content_type",
                "The \"content_type\" value must be a text of printable ASCII characters.");
        }
        return body(status, Fields.of(TYPE, AsciiString.of(media)), BodyTemplate.compile(compiler, "body", body.get(),
            media), error ? Optional.empty() : location(compiler));
    }

    private static Action body(int status, Fields fields, BodyTemplate body, Optional<Template> location) {
        if (body.isConstant() && location.isEmpty()) {
            Answer answer = new Answer(status, fields, body.constant());
            return exchange -> exchange.respond(answer);
        }
        return exchange -> {
            Fields all = location.isEmpty() ? fields
                : fields.and(LOCATION, UriEncoding.uri(location.get().evaluate(exchange)));
            exchange.respond(status, all, body.evaluate(exchange));
        };
    }

    private static Action redirect(int status, RouteCompiler compiler) {
        Optional<Template> location = location(compiler);
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

    private static Optional<Template> location(RouteCompiler compiler) {
        return text("location", compiler).map(text -> compiler.template("location", text));
    }

    private static Optional<String> text(String option, RouteCompiler compiler) {
        return compiler.member(option).map(value -> {
            if (value instanceof ConfString string) {
                return string.value();
            }
            throw compiler.error(option, "The \"" + option + "\" value must be a string.");
        });
    }

    private static String text(Conf value) {
        return new String(((ConfString) value).bytes(), StandardCharsets.ISO_8859_1);
    }

    private static void redirect(Exchange exchange, int status, Template template) {
        exchange.respond(status, Fields.of(LOCATION, UriEncoding.uri(template.evaluate(exchange))), NOTHING);
    }
}
