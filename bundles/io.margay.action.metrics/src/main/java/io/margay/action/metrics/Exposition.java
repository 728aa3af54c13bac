// SPDX-License-Identifier: Apache-2.0
package io.margay.action.metrics;

import java.math.BigDecimal;
import java.util.Locale;

/**
 * Writes metrics as text: in the format of Prometheus, version 0.0.4, or in that of OpenMetrics, version 1.0.0, which
 * names counters without their ending and says where the text ends. Used by one thread.
 */
final class Exposition {
    private static final String TOTAL = "_total";
    private static final int MICROS_DIGITS = 6;

    /** The formats. */
    enum Format {
        /** What everybody reads. */
        PROMETHEUS("text/plain; version=0.0.4; charset=utf-8"),
        /** For those who ask for it. */
        OPENMETRICS("application/openmetrics-text; version=1.0.0; charset=utf-8");

        private final String type;

        Format(String type) {
            this.type = type;
        }

        /** The value of {@code Content-Type}. */
        String type() {
            return type;
        }

        /** What an {@code Accept} asks for. */
        static Format of(String accept) {
            for (String range : accept.toLowerCase(Locale.ROOT).split(",")) {
                if (range.strip().startsWith("application/openmetrics-text")
                    && !range.replace(" ", "").matches(".*;q=0(\\.0*)?(;.*)?")) {
                    return OPENMETRICS;
                }
            }
            return PROMETHEUS;
        }
    }

    private final Format format;
    private final StringBuilder text = new StringBuilder();
    private String family = "";

    Exposition(Format format) {
        this.format = format;
    }

    /** Begins a family, whose samples follow. */
    Exposition family(String name, String type, String help) {
        family = name;
        String named = format == Format.OPENMETRICS && type.equals("counter") && name.endsWith(TOTAL)
            ? name.substring(0, name.length() - TOTAL.length()) : name;
        text.append("# HELP ").append(named).append(' ').append(help).append("\n# TYPE ").append(named).append(' ')
            .append(type).append('\n');
        return this;
    }

    /** A sample with an integer; labels are names and values in turn. */
    Exposition sample(long value, String... labels) {
        head("", labels).append(value).append('\n');
        return this;
    }

    /** A sample of seconds, given in thousandths of thousandths. */
    Exposition seconds(long micros, String... labels) {
        head("", labels).append(number(micros)).append('\n');
        return this;
    }

    /** A histogram of durations. */
    void histogram(long[] counts, int place, String label, String value) {
        long sum = 0;
        for (int i = 0; i < Layout.BUCKETS; i++) {
            sum += counts[place + i];
            head("_bucket", label, value, "le", i == Layout.BUCKETS - 1 ? "+Inf"
                : number(Layout.bound(i))).append(sum).append('\n');
        }
        head("_sum", label, value).append(number(counts[place + Layout.BUCKETS])).append('\n');
        head("_count", label, value).append(sum).append('\n');
    }

    /** Seconds as OpenMetrics writes bounds: never without a digit behind the point. */
    private static String number(long micros) {
        BigDecimal seconds = BigDecimal.valueOf(micros, MICROS_DIGITS).stripTrailingZeros();
        return seconds.setScale(Math.max(1, seconds.scale())).toPlainString();
    }

    private StringBuilder head(String ending, String... labels) {
        text.append(family).append(ending);
        for (int i = 0; i < labels.length; i += 2) {
            text.append(i == 0 ? '{' : ',').append(labels[i]).append("=\"");
            escape(labels[i + 1]);
            text.append('"');
        }
        return text.append(labels.length == 0 ? " " : "} ");
    }

    private void escape(String value) {
        for (int i = 0; i < value.length(); i++) {
            char c = value.charAt(i);
            switch (c) {
                case '\\' -> text.append("\\\\");
                case '"' -> text.append("\\\"");
                case '\n' -> text.append("\\n");
                default -> text.append(c);
            }
        }
    }

    /** All of it. */
    String end() {
        return format == Format.OPENMETRICS ? text + "# EOF\n" : text.toString();
    }
}
