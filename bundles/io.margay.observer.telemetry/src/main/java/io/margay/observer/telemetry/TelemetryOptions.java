// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.route.PlanContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The object {@code settings.telemetry} (spec/configuration.md §12.3).
 *
 * @param endpoint where spans are posted
 * @param service the name of the service
 * @param batch spans of one export
 * @param headers fields of each export
 * @param resource attributes of the service besides its name and version
 */
record TelemetryOptions(URI endpoint, String service, int batch, Map<String, String> headers,
                        Map<String, String> resource) {
    private static final int MOST = 65536;
    private static final int DEFAULT_BATCH = 128;
    private static final int MOST_ENTRIES = 64;
    private static final int LONGEST = 4096;
    /** Fields that say how an export is framed, and where it goes; and those that the client of the JDK leaves out. */
    private static final Set<String> OWN = Set.of("host", "connection", "content-length", "content-type",
        "content-encoding", "transfer-encoding", "upgrade", "te", "trailer", "expect", "keep-alive", "via", "origin",
        "content-transfer-encoding", "access-control-request-headers", "access-control-request-method");
    private static final Set<String> NAMED = Set.of("service.name", "service.version");

    /** Reads what can be exported to, without the ratio, which may change under way. */
    static TelemetryOptions read(ConfObject object, PlanContext context) {
        String protocol = text(object, "protocol", context).orElseThrow(() ->
            context.error("", "Required parameter \"protocol\" is missing."));
        switch (protocol) {
            case "http", "HTTP" -> { }
            case "grpc", "GRPC" -> throw context.error("protocol",
                "No installed bundle supports \"grpc\": the \"protocol\" must be \"http\".");
            default -> throw context.error("protocol", "The \"protocol\" must be \"http\" or \"grpc\".");
        }
        String endpoint = text(object, "endpoint", context).orElseThrow(() ->
            context.error("", "Required parameter \"endpoint\" is missing."));
        long batch = object.get("batch_size").map(value -> value instanceof ConfNumber number && number.isInteger()
            ? number.longValue() : 0L).orElse((long) DEFAULT_BATCH);
        if (batch <= 0) {
            throw context.error("batch_size", "The \"batch_size\" must be greater than 0.");
        }
        if (batch > MOST) {
            throw context.error("batch_size", "The \"batch_size\" must not exceed " + MOST + ".");
        }
        return new TelemetryOptions(uri(endpoint, context), text(object, "service_name", context).orElse("Margay"),
            (int) batch, headers(object, context), resource(object, context));
    }

    private static Map<String, String> headers(ConfObject object, PlanContext context) {
        Map<String, String> headers = texts(object, "headers", context);
        Set<String> names = new HashSet<>();
        headers.forEach((name, value) -> {
            if (!names.add(name.toLowerCase(Locale.ROOT))) {
                throw context.child("headers").error(name, "The header \"" + name + "\" is given twice.");
            }
            if (!name.matches("[!#$%&'*+.^_`|~0-9A-Za-z-]+") || OWN.contains(name.toLowerCase(Locale.ROOT))) {
                throw context.child("headers").error(name, "The header \"" + name + "\" cannot be sent.");
            }
            if (!value.chars().allMatch(c -> c >= ' ' && c < 0x7f)) {
                throw context.child("headers").error(name, "The \"" + name
                    + "\" header value must only contain visible ASCII characters and spaces.");
            }
        });
        return headers;
    }

    private static Map<String, String> resource(ConfObject object, PlanContext context) {
        Map<String, String> resource = texts(object, "resource_attributes", context);
        resource.keySet().forEach(name -> {
            if (name.isEmpty() || NAMED.contains(name)) {
                throw context.child("resource_attributes").error(name, name.isEmpty()
                    ? "The name of an attribute must not be empty."
                    : "The attribute \"" + name + "\" is that of \"service_name\", or of the server.");
            }
        });
        return resource;
    }

    private static Map<String, String> texts(ConfObject object, String option, PlanContext context) {
        Map<String, String> texts = new LinkedHashMap<>();
        Optional<Conf> value = object.get(option);
        if (value.isEmpty()) {
            return texts;
        }
        if (!(value.get() instanceof ConfObject members) || members.size() > MOST_ENTRIES) {
            throw context.error(option, "The \"" + option + "\" value must be an object of at most " + MOST_ENTRIES
                + " strings.");
        }
        members.members().forEach((name, member) -> {
            if (!(member instanceof ConfString text) || text.value().length() > LONGEST) {
                throw context.child(option).error(name, "The \"" + option + "\" value must be an object of strings.");
            }
            texts.put(name, text.value());
        });
        return texts;
    }

    private static Optional<String> text(ConfObject object, String name, PlanContext context) {
        Optional<Conf> value = object.get(name);
        if (value.isPresent() && !(value.get() instanceof ConfString)) {
            throw context.error(name, "The \"" + name + "\" value must be a string.");
        }
        return value.map(text -> ((ConfString) text).value());
    }

    private static URI uri(String text, PlanContext context) {
        try {
            URI uri = new URI(text);
            String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
            if ((scheme.equals("http") || scheme.equals("https")) && uri.getHost() != null
                && uri.getUserInfo() == null && uri.getFragment() == null && uri.getPort() != 0
                && uri.getPort() < 1 << Character.SIZE) {
                return uri;
            }
        } catch (URISyntaxException e) {
            throw context.error("endpoint", "The \"endpoint\" is not a valid URL: " + e.getReason() + ".");
        }
        throw context.error("endpoint", "The \"endpoint\" must be a URL with \"http://\" or \"https://\" and a host.");
    }

    /** How many of a hundred percent of traces are recorded. */
    static double ratio(ConfObject object, PlanContext context) {
        double ratio = object.get("sampling_ratio").map(value -> value instanceof ConfNumber number
            ? number.doubleValue() : -1.0).orElse(1.0);
        if (!(ratio >= 0 && ratio <= 1)) {
            throw context.error("sampling_ratio", "The \"sampling_ratio\" must be between 0 and 1.");
        }
        return ratio;
    }
}
