// SPDX-License-Identifier: Apache-2.0
package io.margay.schema;

import io.margay.conf.Percent;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/** Tests of texts: patterns, names and values of header fields, keys. */
final class TextChecks {
    /** Where a response ends is said by the server alone. */
    private static final List<String> FRAMING = List.of("Content-Length", "Transfer-Encoding");
    /** They tell where a request ends and what the connection is: not a matter of opinion. */
    private static final Set<String> FIXED = Set.of("connection", "content-length", "transfer-encoding", "te",
        "trailer", "upgrade", "keep-alive", "proxy-connection", "expect", "http2-settings");

    private static final Pattern ERROR_STATUS = Pattern.compile("[45]([0-9][0-9]|xx)");
    private static final Pattern PARAM_NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");
    private static final String NAME_CHARACTERS = "!#$%&'*+-.^_`|~";

    private TextChecks() {
    }

    /** The check of a name; empty when it is none of texts. */
    static Optional<Rule> rule(String name) {
        return switch (name) {
            case "ticket-key" -> Optional.of(TextChecks::ticketKey);
            case "pattern" -> Optional.of(TextChecks::pattern);
            case "encoded-pattern" -> Optional.of(at -> encodedPattern(at, at.name()));
            case "argument-pattern" -> Optional.of(at -> encodedPattern(at, "arguments"));
            case "argument-name" -> Optional.of(TextChecks::argumentName);
            case "environment-name" -> Optional.of(TextChecks::environmentName);
            case "header-name" -> Optional.of(TextChecks::headerName);
            case "request-header-name" -> Optional.of(TextChecks::requestHeaderName);
            case "param-name" -> Optional.of(TextChecks::paramName);
            case "header-value" -> Optional.of(TextChecks::headerValue);
            case "error-status" -> Optional.of(TextChecks::errorStatus);
            default -> Optional.empty();
        };
    }

    /** A pattern of {@code spec/configuration.md §6.3}. */
    static void pattern(Subject at) throws Invalid {
        String text = at.text().startsWith("!") ? at.text().substring(1) : at.text();
        if (text.startsWith("~")) {
            Optional<String> problem = at.run().facts().regexProblem(text.substring(1));
            Checks.require(problem.isEmpty(), at, "Invalid regular expression: " + problem.orElse(""));
        } else {
            Checks.require(!text.contains("**"), at,
                "The \"match\" pattern must not contain double \"*\" markers.");
        }
    }

    /** A pattern that may hold percent escapes, also inside of a regular expression. */
    static void encodedPattern(Subject at, String name) throws Invalid {
        Checks.require(Percent.decode(at.text(), false).isPresent(), at, encoded(name));
        pattern(at);
    }

    /** The name of an error page. */
    static void errorStatus(Subject at) throws Invalid {
        Checks.require(ERROR_STATUS.matcher(at.name()).matches(), at, "The \"error_pages\" name \"" + at.name()
            + "\" must be a status from 400 to 599, or \"4xx\" or \"5xx\".");
    }

    static void argumentName(Subject at) throws Invalid {
        Checks.require(Percent.decode(at.name(), true).isPresent(), at, encoded("arguments"));
    }

    private static String encoded(String name) {
        return "The \"match\" pattern for \"" + name + "\" is encoded but is invalid.";
    }

    static void environmentName(Subject at) throws Invalid {
        Checks.require(!at.name().isEmpty(), at, "The environment name must not be empty.");
        Checks.require(at.name().indexOf('\0') < 0, at, "The environment name must not contain null character.");
        Checks.require(at.name().indexOf('=') < 0, at, "The environment name must not contain '=' character.");
    }

    static void headerName(Subject at) throws Invalid {
        Checks.require(!at.name().isEmpty(), at, "The response header name must not be empty.");
        for (String framing : FRAMING) {
            Checks.require(!at.name().equalsIgnoreCase(framing), at,
                "The \"" + framing + "\" response header value is not supported");
        }
        Checks.require(at.name().chars().allMatch(TextChecks::isNameCharacter), at,
            "The response header name \"" + at.name() + "\" is invalid.");
    }

    /** A field of a request that may be changed: not one of the connection or the length. */
    static void requestHeaderName(Subject at) throws Invalid {
        Checks.require(!at.name().isEmpty() && at.name().chars().allMatch(TextChecks::isNameCharacter), at,
            "The request header name \"" + at.name() + "\" is invalid.");
        Checks.require(!FIXED.contains(at.name().toLowerCase(Locale.ROOT)), at,
            "The \"" + at.name() + "\" request header cannot be changed.");
    }

    /** A CGI variable; the length of the body is no matter of opinion. */
    static void paramName(Subject at) throws Invalid {
        Checks.require(PARAM_NAME.matcher(at.name()).matches(), at,
            "The variable name \"" + at.name() + "\" is invalid.");
        Checks.require(!at.name().equals("CONTENT_LENGTH"), at,
            "The \"" + at.name() + "\" variable cannot be changed.");
    }

    private static boolean isNameCharacter(int c) {
        return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || NAME_CHARACTERS.indexOf(c) >= 0;
    }

    /** A script may hold line breaks; what it yields is tested when it ran. */
    static void headerValue(Subject at) throws Invalid {
        boolean control = at.text().chars().anyMatch(c -> c < ' ' && c != '\t' || c == 0x7F);
        Checks.require(!control || Templates.isScript(at.text()), at,
            "The \"" + at.name() + "\" response header value must not contain control characters.");
    }

    static void ticketKey(Subject at) throws Invalid {
        int length;
        try {
            length = Base64.getDecoder().decode(at.text()).length;
        } catch (IllegalArgumentException e) {
            throw at.invalid("Invalid Base64 format for the ticket key \"" + at.text() + "\".");
        }
        Checks.require(length == 48 || length == 80, at, "Invalid length " + length + " of the ticket key \""
            + at.text() + "\".  Must be 48 or 80 bytes.");
    }
}
