// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.php.internal;

import io.margay.conf.ConfObject;
import io.margay.lang.AppSpec;
import io.margay.lang.ShimSource;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Pattern;

/** The configuration file of one php-fpm. */
final class FpmConfiguration {

    /** The name of the inherited socket. */
    static final String SOCKET = "/margay/listen";

    private static final Pattern OPTION = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final int LONGEST_NAME = 64;
    private static final int MOST_CHILDREN = 30_000;

    private FpmConfiguration() {
    }

    /**
     * The text.
     *
     * @throws IllegalArgumentException when an option has a name that no PHP option can have
     */
    static String of(AppSpec app) {
        String constant = new String(ShimSource.read(FpmConfiguration.class, "margay_fpm.conf"),
            StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder(constant.replace("[POOL]", "[" + pool(app.title()) + "]"));
        // Those that leave, or go on after their response, are not of those that serve.
        line(text, "pm.max_children", Long.toString(Math.min(MOST_CHILDREN, 2L * app.maxProcesses() + 2)));
        if (app.maxRequests() > 0) {
            // One more for the greeting.
            line(text, "pm.max_requests", Long.toString(Math.min(Integer.MAX_VALUE, app.maxRequests() + 1)));
        }
        line(text, "security.limit_extensions", quoted(String.join(" ", extensions(app))));
        options(text, app, "admin", "php_admin_value");
        options(text, app, "user", "php_value");
        return text.toString();
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append(" = ").append(value).append('\n');
    }

    /** The name under which php-fpm shows its processes and logs what they say. */
    private static String pool(String title) {
        String name = title.replaceAll("[^A-Za-z0-9_-]", "_");
        return name.substring(0, Math.min(LONGEST_NAME, name.length())) + ("global".equals(name) ? "_" : "");
    }

    /** What scripts end with: the name in the request decides which file is run, so no other file may ever be. */
    private static Set<String> extensions(AppSpec app) {
        Set<String> endings = new LinkedHashSet<>();
        endings.add(".php");
        for (PhpTargets.Target target : PhpTargets.of(app).all()) {
            endings.add(ending(target.script().orElse(target.index())));
        }
        return endings;
    }

    private static String ending(String file) {
        String name = file.substring(file.lastIndexOf('/') + 1);
        return name.substring(Math.max(Math.max(name.lastIndexOf('.'), name.lastIndexOf(' ') + 1), 0));
    }

    private static void options(StringBuilder text, AppSpec app, String kind, String directive) {
        ConfObject values = app.conf().object("options").flatMap(options -> options.object(kind))
            .orElse(ConfObject.EMPTY);
        for (String name : values.members().keySet()) {
            if (!OPTION.matcher(name).matches()) {
                throw new IllegalArgumentException("no PHP option has the name \"" + name + "\"");
            }
            line(text, directive + "[" + name + "]", quoted(values.string(name).orElse("")));
        }
    }

    /** A value as it is, on one line: only within single quotes nothing has a meaning, and they cannot be there. */
    static String quoted(String value) {
        StringBuilder text = new StringBuilder();
        int from = 0;
        for (int i = 0; i <= value.length(); i++) {
            char letter = i < value.length() ? value.charAt(i) : '\'';
            if (letter == '\'' || letter == '\n') {
                if (i > from) {
                    text.append('\'').append(value, from, i).append('\'');
                }
                if (i < value.length()) {
                    text.append(letter == '\n' ? "PHP_EOL\"\"" : "\"'\"");
                }
                from = i + 1;
            }
        }
        return text.isEmpty() ? "\"\"" : text.toString();
    }
}
