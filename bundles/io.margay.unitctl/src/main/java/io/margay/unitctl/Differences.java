// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfPointer;
import io.margay.conf.ConfString;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What is taken but does something else than in Unit, and what has to be there besides bundles. */
final class Differences {
    /** Where the server looks for interpreters. */
    static final List<Path> PLACES = List.of(Path.of("/usr/local/bin"), Path.of("/usr/bin"),
        Path.of("/usr/local/sbin"), Path.of("/usr/sbin"));

    private static final Pattern TYPE = Pattern.compile("([a-z-]+)\\s*([0-9.]*).*");
    private static final Set<String> TLS_COMMANDS = Set.of("MinProtocol", "MaxProtocol", "Protocol", "CipherString",
        "Ciphersuites", "Curves", "Groups", "Options");
    /** Programs by type of application: what their names look like, and Debian's package. */
    private static final Map<String, List<String>> PROGRAMS = Map.of(
        "python", List.of("python(3(?:\\.\\d+)?)", "python3"),
        "php", List.of("php-fpm(\\d?(?:\\.?\\d{1,2})?)|php(\\d\\.?\\d{1,2})-fpm", "php-fpm"),
        "perl", List.of("perl", "perl"),
        "ruby", List.of("ruby(\\d?(?:\\.\\d+)*)", "ruby ruby-rack"),
        "node", List.of("(?:node|nodejs)", "nodejs"));
    private static final Map<String, String> LANGUAGES = Map.of(
        "php", "PHP runs in php-fpm, not in the server's own module: \"options.admin\" and \"options.user\" become "
            + "php_admin_value and php_value, and its processes are php-fpm's.",
        "perl", "HTTP_CONTENT_TYPE and HTTP_CONTENT_LENGTH do not exist, and PATH_INFO keeps repeated slashes, as PSGI "
            + "wants; an application that dies is answered with 500.",
        "java", "The container is Jetty, in the edition (Java EE 8, Jakarta EE 9 or 10) that the application needs.",
        "wasm", "Modules run in a JVM that compiles them, one for each process.");

    private final List<Path> places;
    private final List<CheckFinding> found = new ArrayList<>();

    /**
     * Nothing is looked for yet.
     *
     * @param places where interpreters are
     */
    Differences(List<Path> places) {
        this.places = places;
    }

    /**
     * {@return all that is to be said about a configuration, whether it is valid or not}
     *
     * @param programs whether interpreters are looked for
     */
    List<CheckFinding> of(Conf configuration, boolean programs) {
        if (configuration instanceof ConfObject root) {
            ConfPointer applications = ConfPointer.ROOT.child("applications");
            members(root, "applications").forEach((name, value) -> {
                if (value instanceof ConfObject application) {
                    application(applications.child(name), application, programs);
                }
            });
            ConfPointer listeners = ConfPointer.ROOT.child("listeners");
            members(root, "listeners").forEach((name, value) -> {
                if (value instanceof ConfObject listener) {
                    listener.object("tls").ifPresent(tls -> tls(listeners.child(name).child("tls"), tls));
                }
            });
        }
        return found;
    }

    private static Map<String, Conf> members(ConfObject root, String name) {
        return root.object(name).orElse(ConfObject.EMPTY).members();
    }

    private void application(ConfPointer at, ConfObject application, boolean programs) {
        Matcher type = TYPE.matcher(application.string("type").orElse(""));
        if (!type.matches()) {
            return;
        }
        String language = type.group(1);
        ConfPointer place = at.child("type");
        if (LANGUAGES.containsKey(language)) {
            differs(place, LANGUAGES.get(language), "");
        }
        if (application.has("unit_jars")) {
            differs(at.child("unit_jars"), "It has no meaning: the bundle brings the container.", "Leave it out.");
        }
        boolean script = application.string("executable").filter(text -> text.endsWith("node")).isPresent()
            || application.string("executable").filter(text -> text.endsWith(".js")).isPresent();
        if (language.equals("external") && script) {
            differs(place, "The application needs the npm package unit-http of version 1.35.0.",
                "The type \"node\" runs ordinary Node.js servers without it.");
        }
        String version = type.group(2);
        // A virtual environment or a program of its own decides itself.
        if (programs && PROGRAMS.containsKey(language) && !application.has("home") && !application.has("executable")
            && !found(Pattern.compile(PROGRAMS.get(language).getFirst()), version)) {
            found.add(new CheckFinding(CheckFinding.Kind.INSTALL, place, "No " + language
                + (version.isEmpty() ? "" : " " + version) + " is in " + places + ".",
                "Install the interpreter; its Debian package: " + PROGRAMS.get(language).getLast() + "."));
        }
    }

    /** A name without a version, as of perl, may stand for any. */
    private boolean found(Pattern name, String version) {
        for (Path place : places) {
            try (Stream<Path> files = Files.isDirectory(place) ? Files.list(place) : Stream.empty()) {
                if (files.map(file -> name.matcher(file.getFileName().toString()))
                    .anyMatch(match -> match.matches() && fits(match, version))) {
                    return true;
                }
            } catch (IOException e) {
                // The server cannot look there either.
                continue;
            }
        }
        return false;
    }

    private static boolean fits(Matcher match, String version) {
        StringBuilder digits = new StringBuilder();
        for (int i = 1; i <= match.groupCount(); i++) {
            digits.append(match.group(i) == null ? "" : match.group(i));
        }
        String has = digits.toString();
        return version.isEmpty() || has.isEmpty() || has.equals(version) || has.startsWith(version + ".")
            || version.startsWith(has + ".");
    }

    private void tls(ConfPointer at, ConfObject tls) {
        Set<String> names = new LinkedHashSet<>();
        tls.string("certificate").ifPresent(names::add);
        for (Conf name : tls.array("certificate").orElse(ConfArray.EMPTY).elements()) {
            if (name instanceof ConfString text) {
                names.add(text.value());
            }
        }
        if (!names.isEmpty()) {
            found.add(new CheckFinding(CheckFinding.Kind.UPLOAD, at.child("certificate"), "Certificates "
                + String.join(", ", names) + " are not part of a configuration.",
                "Upload each to /certificates/NAME before, or keep the state directory, which holds them."));
        }
        tls.object("conf_commands").orElse(ConfObject.EMPTY).members().keySet().stream()
            .filter(command -> !TLS_COMMANDS.contains(command)).forEach(command -> found.add(new CheckFinding(
                CheckFinding.Kind.REFUSED, at.child("conf_commands").child(command),
                "The library of this server does not know the command \"" + command + "\".", "Leave it out.")));
        if (tls.object("session").filter(session -> session.has("tickets")).isPresent()) {
            differs(at.child("session").child("tickets"), "Tickets are encrypted with AES-128: Unit cannot read them, "
                + "nor this server those of Unit.", "");
        }
    }

    private void differs(ConfPointer at, String detail, String advice) {
        found.add(new CheckFinding(CheckFinding.Kind.DIFFERS, at, detail, advice));
    }
}
