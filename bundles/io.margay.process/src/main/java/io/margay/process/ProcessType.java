// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfString;
import io.margay.conf.ConfSyntaxException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a kind of process is, as data ({@code spec/processes.md §1, §2}). It stands in a JSON file of the bundle of its
 * {@link ProcessKind}; main reads all of them once, and tells them to its children.
 *
 * @param number on the wire, 0 to 255
 * @param word the name of the kind
 * @param pattern its name in logs and titles, with {@code %s} where an application's name belongs
 * @param restartable whether main starts it again when it has died
 * @param feature the feature file of its framework; empty for a process that is no JVM of ours
 * @param ports the kinds whose ports it gets
 * @param deaths the kinds of whose deaths it is told
 * @param knownTo further kinds that get its port and are told of its death, though they do not name it
 * @param sends names of the messages that it may send, by the kind of the receiver; {@code *} is every kind
 * @param extensions the kinds of extension bundles that it needs
 */
public record ProcessType(int number, String word, String pattern, boolean restartable, Optional<String> feature,
                          Set<String> ports, Set<String> deaths, Set<String> knownTo, Map<String, Set<String>> sends,
                          Set<String> extensions) {

    /** A title is cut behind this many bytes. */
    public static final int MAX_TITLE = 2047;

    private static final int MAX_NUMBER = 255;
    /** Stands for every kind among the receivers of {@link #sends}. */
    static final String EVERY = "*";
    private static final Set<String> MEMBERS = Set.of("name", "number", "title", "restart", "feature", "ports",
        "deaths", "knownTo", "sends", "extensions");

    /** Copies and checks. */
    public ProcessType {
        if (!word.matches("[a-z][a-z0-9.-]{0,63}")) {
            throw new IllegalArgumentException("\"" + word + "\" is no name of a kind of process");
        }
        if (number < 0 || number > MAX_NUMBER) {
            throw new IllegalArgumentException("the number of \"" + word + "\" must be 0 to " + MAX_NUMBER);
        }
        ports = Set.copyOf(ports);
        deaths = Set.copyOf(deaths);
        knownTo = Set.copyOf(knownTo);
        extensions = Set.copyOf(extensions);
        Map<String, Set<String>> copy = new LinkedHashMap<>();
        sends.forEach((receiver, types) -> copy.put(receiver, Set.copyOf(types)));
        sends = Map.copyOf(copy);
    }

    /** Written out: what records come with links itself at the first call, which every start of a process pays for. */
    @Override
    public boolean equals(Object other) {
        return this == other || other instanceof ProcessType that && number == that.number
            && restartable == that.restartable && word.equals(that.word) && pattern.equals(that.pattern)
            && feature.equals(that.feature) && ports.equals(that.ports) && deaths.equals(that.deaths)
            && knownTo.equals(that.knownTo) && sends.equals(that.sends) && extensions.equals(that.extensions);
    }

    @Override
    public int hashCode() {
        return 31 * word.hashCode() + number;
    }

    /**
     * Reads the file of a bundle.
     *
     * @param owner a class of the bundle
     * @param resource absolute name of the file
     * @throws IllegalStateException when it is not there or not of the form
     */
    public static ProcessType read(Class<?> owner, String resource) {
        try (InputStream in = owner.getResourceAsStream(resource)) {
            if (in == null) {
                throw new IllegalStateException(resource + " is missing beside " + owner.getName());
            }
            return parse(in.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (IllegalArgumentException e) {
            throw new IllegalStateException(resource + " of " + owner.getName() + ": " + e.getMessage(), e);
        }
    }

    /**
     * Reads the text of such a file.
     *
     * @throws IllegalArgumentException when it is not of the form
     */
    public static ProcessType parse(byte[] json) {
        try {
            return of(ConfParser.parse(json));
        } catch (ConfSyntaxException e) {
            throw new IllegalArgumentException("malformed: " + e.getMessage(), e);
        }
    }

    static ProcessType of(Conf value) {
        if (!(value instanceof ConfObject json)) {
            throw new IllegalArgumentException("a kind of process is an object");
        }
        json.members().keySet().stream().filter(name -> !MEMBERS.contains(name)).findFirst().ifPresent(name -> {
            throw new IllegalArgumentException("a kind of process has no \"" + name + "\"");
        });
        String word = json.string("name").orElseThrow(() -> new IllegalArgumentException("it has no name"));
        Map<String, Set<String>> sends = new LinkedHashMap<>();
        json.object("sends").orElse(ConfObject.EMPTY).members().forEach((receiver, types) ->
            sends.put(receiver, words(types instanceof ConfArray list ? list : ConfArray.EMPTY)));
        return new ProcessType((int) json.integer("number", -1), word, json.string("title").orElse(word),
            json.bool("restart", false), json.string("feature"), words(json, "ports"), words(json, "deaths"),
            words(json, "knownTo"), sends, words(json, "extensions"));
    }

    private static Set<String> words(ConfObject json, String name) {
        return words(json.array(name).orElse(ConfArray.EMPTY));
    }

    private static Set<String> words(ConfArray list) {
        Set<String> words = new LinkedHashSet<>();
        for (Conf element : list.elements()) {
            if (!(element instanceof ConfString text)) {
                throw new IllegalArgumentException("a list of names holds something else");
            }
            words.add(text.value());
        }
        return words;
    }

    ConfObject json() {
        ConfObject.Builder sent = ConfObject.builder();
        sends.forEach((receiver, types) -> sent.put(receiver, list(types)));
        ConfObject.Builder json = ConfObject.builder().put("name", word).put("number", number).put("title", pattern)
            .put("restart", restartable).put("ports", list(ports)).put("deaths", list(deaths))
            .put("knownTo", list(knownTo)).put("sends", sent.build()).put("extensions", list(extensions));
        feature.ifPresent(name -> json.put("feature", name));
        return json.build();
    }

    private static ConfArray list(Set<String> words) {
        return new ConfArray(words.stream().sorted().map(text -> (Conf) new ConfString(text)).toList());
    }

    /** Whether it is the kind of this name. */
    public boolean is(String name) {
        return word.equals(name);
    }

    /** Whether it serves an application. */
    public boolean ofApplication() {
        return pattern.contains("%s");
    }

    /** Whether a process of this kind may send a message of that name to one of another kind. */
    public boolean maySend(String receiver, String message) {
        return sends.getOrDefault(receiver, Set.of()).contains(message)
            || sends.getOrDefault(EVERY, Set.of()).contains(message);
    }

    /** The messages that it may send to every kind. */
    Set<String> sendsToAll() {
        return sends.getOrDefault(EVERY, Set.of());
    }

    /**
     * Name of a process in logs and in its title.
     *
     * @param application the application's name; ignored for core processes
     */
    public String name(String application) {
        return pattern.replace("%s", application);
    }

    /**
     * Title of a process other than main, as {@code ps} shows it.
     *
     * @param application the application's name; ignored for core processes
     */
    public String title(String application) {
        return cut("unit: " + name(application));
    }

    /**
     * Title of main.
     *
     * @param version product version
     * @param argv the command line with the program; empty leaves the brackets out
     */
    public static String mainTitle(String version, List<String> argv) {
        String command = argv.isEmpty() ? "" : " [" + String.join(" ", argv) + "]";
        return cut("unit: main v" + version + command);
    }

    /** Cuts at a character border, so that a title never ends in half a character. */
    private static String cut(String title) {
        if (title.getBytes(StandardCharsets.UTF_8).length <= MAX_TITLE) {
            return title;
        }
        int end = title.length();
        while (title.substring(0, end).getBytes(StandardCharsets.UTF_8).length > MAX_TITLE) {
            end = title.offsetByCodePoints(end, -1);
        }
        return title.substring(0, end);
    }

    @Override
    public String toString() {
        return word;
    }
}
