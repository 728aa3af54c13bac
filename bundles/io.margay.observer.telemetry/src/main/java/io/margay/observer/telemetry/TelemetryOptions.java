// SPDX-License-Identifier: Apache-2.0
package io.margay.observer.telemetry;

import io.margay.conf.Conf;
import io.margay.conf.ConfNumber;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.route.PlanContext;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Optional;

/**
 * The object {@code settings.telemetry} (spec/configuration.md §12.3).
 *
 * @param endpoint where spans are posted
 * @param service the name of the service
 * @param batch spans of one export
 */
record TelemetryOptions(URI endpoint, String service, int batch) {
    private static final int MOST = 65536;
    private static final int DEFAULT_BATCH = 128;

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
            (int) batch);
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
                && uri.getUserInfo() == null && uri.getPort() < 1 << Character.SIZE) {
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
