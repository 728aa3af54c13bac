// SPDX-License-Identifier: Apache-2.0
package io.margay.action.share;

import io.margay.conf.Conf;
import io.margay.conf.ConfNull;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfText;
import io.margay.route.BodyTemplate;
import io.margay.route.Filter;
import io.margay.route.OptionObject;
import io.margay.route.PlanContext;
import io.margay.route.RouteCompiler;
import io.netty.util.AsciiString;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/** Reads the option {@code error_pages}. Used while one object is compiled. */
final class ErrorPagesReader {
    static final String OPTION = "error_pages";
    private static final String HTML = "text/html; charset=utf-8";
    private static final Set<String> MEMBERS = Set.of("file", "body", "content_type", "intercept");

    private final MimeTypes types;
    private final ErrorPage[] exact = new ErrorPage[ErrorPagesFilter.COUNT];
    private final ErrorPage[] classes = new ErrorPage[ErrorPagesFilter.COUNT / 100];

    private ErrorPagesReader(MimeTypes types) {
        this.types = types;
    }

    /** Compiles the value of the option. */
    static Filter read(Conf value, RouteCompiler compiler) {
        PlanContext here = compiler.child(OPTION);
        if (!(value instanceof ConfObject object)) {
            throw here.error("", "The \"error_pages\" value must be an object.");
        }
        ErrorPagesReader reader = new ErrorPagesReader(MimeTypes.of(compiler, OPTION));
        object.members().forEach((name, page) -> {
            if (!(page instanceof ConfNull)) {
                reader.page(name, page, here);
            }
        });
        ErrorPage[] all = new ErrorPage[ErrorPagesFilter.COUNT];
        for (int i = 0; i < all.length; i++) {
            all[i] = reader.exact[i] == null ? reader.classes[i / 100] : reader.exact[i];
        }
        return new ErrorPagesFilter(all);
    }

    private void page(String name, Conf value, PlanContext here) {
        if (!name.matches("[45]([0-9][0-9]|xx)")) {
            throw here.error(name, "The \"error_pages\" name \"" + name
                + "\" must be a status from 400 to 599, or \"4xx\" or \"5xx\".");
        }
        ErrorPage page = value instanceof ConfString text ? file(text.value(), name, false, Optional.empty(), here)
            : object(OptionObject.of(name, value, MEMBERS, here.child(name)));
        if (name.endsWith("x")) {
            classes[name.charAt(0) - '4'] = page;
        } else {
            exact[Integer.parseInt(name) - ErrorPagesFilter.FIRST] = page;
        }
    }

    private ErrorPage object(OptionObject options) {
        Optional<String> file = options.text("file");
        Optional<String> body = options.text("body");
        Optional<String> type = options.text("content_type");
        boolean intercept = options.flag("intercept", false);
        if (file.isPresent() == body.isPresent()) {
            throw options.error("", "An error page must have either \"file\" or \"body\" option set.");
        }
        if (type.isPresent() && (type.get().isBlank() || type.get().chars().anyMatch(c -> c < ' ' || c >= 0x7f))) {
            throw options.error("content_type",
                "The \"content_type\" value must be a text of printable ASCII characters.");
        }
        if (file.isPresent()) {
            return file(file.get(), "file", intercept, type, options.at());
        }
        String media = type.orElse(HTML);
        BodyTemplate template = BodyTemplate.compile(options.at(), "body", body.get(), media);
        AsciiString field = AsciiString.of(media);
        return template.isConstant() ? new ErrorPage.OfText(template.constant(), field, intercept)
            : new ErrorPage.OfTemplate(template, field, intercept);
    }

    private ErrorPage file(String path, String option, boolean intercept, Optional<String> type, PlanContext here) {
        if (!path.startsWith("/") || path.indexOf('\0') >= 0) {
            throw here.error(option, "The path of an error page must be absolute.");
        }
        String media = type.or(() -> types.of(new AsciiString(ConfText.encode(path), false)))
            .orElse("application/octet-stream");
        try {
            PageFile file = new PageFile(path, System::nanoTime,
                text -> here.log().error("error_pages: " + text));
            return new ErrorPage.OfFile(file, new AsciiString(media.getBytes(StandardCharsets.UTF_8), false),
                intercept);
        } catch (IOException e) {
            throw here.error(option, "The error page cannot be read: " + e.getMessage() + ".");
        }
    }
}
