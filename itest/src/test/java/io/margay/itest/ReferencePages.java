// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.StringJoiner;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.w3c.dom.Document;
import org.w3c.dom.Element;

/** The pages of {@code docs/} that tell what the schema files and the metatype files of the bundles say. */
final class ReferencePages {
    private static final String ROOT = "configuration";
    private static final String CONTAINER = """
        # Configurations of the container

        The tables below are made from the metatype files of the bundles; `ReferencePagesTest` fails when they say
        something else than they do.

        ## Files

        The server of the distribution reads `config/PID.cfg.json`, in the package `/etc/margay/PID.cfg.json`, when it
        starts; `MARGAY_CONFIG=DIRECTORY` in the environment of `unitd` names another directory. The files that are
        there as examples change nothing.

        ```
        // config/io.margay.main.cfg.json
        {
          "control": "unix:/run/margay/control.sock",
          "control-mode": "0660",
          "statedir": "$[env:STATE;default=/var/lib/unit]"
        }
        ```

        - The command line wins over these files, they win over `config/unitd.defaults`. Their relative paths start at
          the distribution.
        - The form is that of Felix and OSGi's Configurator: JSON with comments, names that may end in a type
          (`"remote:Boolean"`). Each value is one text, number or truth value.
        - `$[env:NAME]`, `$[env:NAME;default=TEXT]` and `$[env:NAME;type=Boolean;default=false]` stand for variables of
          the environment, as in Felix' interpolation plugin; a backslash before the `$` leaves it as it is. A variable
          that is neither set nor has a default is an error.
        - A PID, property, type or value that is wrong, or a file that is malformed, keeps the server from starting,
          with a message that names file and property. `unitd --help` and `--version` tell what the distribution was
          made with, and do not read the files.
        - At home nothing is required: the console shows the server that brings it unless it is told another one. What
          is changed by the tab *Configuration* of the web console holds until the end of the process and is in no file.

        ## In a container of somebody else

        Felix, Karaf and others have configurators of their own, which give the same properties to Configuration Admin:
        Felix' Configurator or File Install, `etc/` of Karaf. They decide about directory, form and placeholders (Felix'
        by `org.apache.felix.configadmin.plugin.interpolation`); `MARGAY_CONFIG` and `config/` mean nothing there.
        Relative paths start at the working directory. A configuration `io.margay.main` is what makes such a container
        run the server.
        """;

    private ReferencePages() {
    }

    /** {@return the page of all options, from the types of all schema files} */
    static String options(ConfObject types) {
        StringBuilder page = new StringBuilder("# Options of the configuration\n\nMade from the schema files of the "
            + "bundles; `ReferencePagesTest` fails when it says something else than they do. An option\nis valid "
            + "while a bundle that reads it is installed.\n");
        Map<String, Conf> sorted = new TreeMap<>(types.members());
        List<String> names = new ArrayList<>(sorted.keySet());
        names.remove(ROOT);
        names.addFirst(ROOT);
        for (String name : names) {
            if (sorted.get(name) instanceof ConfObject type) {
                section(page, name, type);
            }
        }
        return page.toString();
    }

    private static void section(StringBuilder page, String name, ConfObject type) {
        page.append("\n## ").append(name).append("\n\n").append(kind(type)).append(limits(type)).append('\n');
        members(page, "", type);
        type.object("variants").orElse(ConfObject.EMPTY).members().forEach((variant, rule) ->
            members(page, "With `" + variant + "`" + reader((ConfObject) rule) + ":\n\n", (ConfObject) rule));
    }

    private static void members(StringBuilder page, String head, ConfObject type) {
        ConfObject members = type.object("members").orElse(ConfObject.EMPTY);
        if (members.isEmpty()) {
            return;
        }
        page.append('\n').append(head).append("| Option | Type | Default | About |\n|---|---|---|---|\n");
        members.members().forEach((name, value) -> {
            ConfObject rule = (ConfObject) value;
            page.append("| `").append(name).append("` | ").append(kind(rule)).append(" | ")
                .append(rule.get("default").map(text -> "`" + ConfWriter.compactText(text) + "`").orElse(""))
                .append(" | ").append(cell(rule)).append(" |\n");
            rule.object("members").ifPresent(below -> below.members().forEach((inner, innerRule) ->
                page.append("| `").append(name).append('/').append(inner).append("` | ")
                    .append(kind((ConfObject) innerRule)).append(" | ").append(((ConfObject) innerRule).get("default")
                        .map(text -> "`" + ConfWriter.compactText(text) + "`").orElse(""))
                    .append(" | ").append(cell((ConfObject) innerRule)).append(" |\n")));
        });
    }

    private static String cell(ConfObject rule) {
        StringJoiner text = new StringJoiner(". ");
        rule.string("description").ifPresent(text::add);
        if (rule.bool("required", false)) {
            text.add("Required");
        }
        String limits = limits(rule).strip();
        if (!limits.isEmpty()) {
            text.add(limits);
        }
        if (rule.bool("template", false)) {
            text.add("May be a template");
        }
        return (text + reader(rule)).strip().replace("|", "\\|").replace("\n", " ");
    }

    private static String reader(ConfObject rule) {
        return rule.string("reader").map(reader -> " (read by `" + reader + "`)").orElse("");
    }

    private static String kind(ConfObject rule) {
        if (rule.string("ref").isPresent()) {
            String ref = rule.string("ref").get();
            return "[" + ref + "](#" + ref + ")";
        }
        String kind = rule.get("type").map(type -> type instanceof ConfArray all ? all.elements().stream()
            .map(ReferencePages::text).collect(Collectors.joining(" or ")) : text(type)).orElse("any value");
        return kind + rule.object("elements").map(of -> " of " + kind(of)).orElse("")
            + rule.object("values").map(of -> ", each " + kind(of)).orElse("");
    }

    private static String limits(ConfObject rule) {
        String range = rule.has("min") || rule.has("max") ? " " + rule.get("min").map(ReferencePages::text).orElse("")
            + " to " + rule.get("max").map(ReferencePages::text).orElse("") : "";
        String values = rule.array("enum").map(all -> " " + all.elements().stream().map(value ->
            "`" + text(value) + "`").collect(Collectors.joining(", "))).orElse("");
        return range.stripTrailing() + values;
    }

    private static String text(Conf value) {
        return value instanceof ConfString string ? string.value() : ConfWriter.compactText(value);
    }

    /** {@return the page of the configurations of the container, from metatype files} */
    static String pids(List<Path> files) throws Exception {
        StringBuilder page = new StringBuilder(CONTAINER);
        for (Path file : files) {
            for (Element ocd : elements(file, "OCD")) {
                page.append("\n## ").append(ocd.getAttribute("id")).append("\n\n")
                    .append(ocd.getAttribute("description")).append("\n\n| Attribute | Type | Default | About |\n"
                    + "|---|---|---|---|\n");
                for (Element attribute : children(ocd)) {
                    page.append("| `").append(attribute.getAttribute("name")).append("` | ")
                        .append(attribute.getAttribute("type")).append(" | ").append(attribute.hasAttribute("default")
                            ? "`" + attribute.getAttribute("default") + "`" : "").append(" | ")
                        .append(attribute.getAttribute("required").equals("false") ? "" : "Required. ")
                        .append(attribute.getAttribute("description").replace("|", "\\|")).append(" |\n");
                }
            }
        }
        return page.toString();
    }

    /** {@return the elements of a name in a file} */
    static List<Element> elements(Path file, String name) throws Exception {
        DocumentBuilderFactory factory = DocumentBuilderFactory.newInstance();
        factory.setFeature("http://apache.org/xml/features/disallow-doctype-decl", true);
        Document document = factory.newDocumentBuilder().parse(file.toFile());
        return IntStream.range(0, document.getElementsByTagName(name).getLength()).mapToObj(i ->
            (Element) document.getElementsByTagName(name).item(i)).toList();
    }

    /** {@return the attributes that an object class has} */
    static List<Element> children(Element ocd) {
        return IntStream.range(0, ocd.getElementsByTagName("AD").getLength()).mapToObj(i ->
            (Element) ocd.getElementsByTagName("AD").item(i)).toList();
    }
}
