// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.ConfWriter;
import jakarta.servlet.http.HttpServletRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** What all our pages have around their content: head, navigation, and what their scripts must know. */
final class PageShell {
    private static final String LABEL = "felix.webconsole.label";

    private static final String PAGE = """
        <!DOCTYPE html>
        <html lang="{language}">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>{title} – Margay</title>
        <link rel="icon" href="{root}/margay/icon.svg">
        <link rel="stylesheet" href="{root}/margay/console.css">
        <script type="module" src="{root}/margay/{label}.js"></script>
        </head>
        <body data-root="{root}" data-label="{label}" data-role="{role}" data-token="{token}">
        <a class="skip" href="#main">{skip}</a>
        <header class="top">
        <a class="brand" href="{root}/overview">Margay</a>
        <button id="menu" aria-expanded="false" aria-controls="nav">{menu}</button>
        <p class="who"><span>{who}</span> <a href="{root}/logout">{logout}</a></p>
        </header>
        <nav id="nav" aria-label="{navigation}">
        <h2>{ours}</h2>
        <ul>{pages}</ul>
        <h2>{theirs}</h2>
        <ul>{others}</ul>
        </nav>
        <main id="main" tabindex="-1">
        <h1>{title}</h1>
        <p class="lead">{lead}</p>
        <div id="notice" role="status" aria-live="polite"></div>
        <div id="content" aria-busy="true"><p>{loading}</p></div>
        </main>
        <script type="application/json" id="texts">{texts}</script>
        </body>
        </html>
        """;

    private final List<String> labels;
    private final BundleContext context;

    /** With these pages, in this order. */
    PageShell(List<String> labels, BundleContext context) {
        this.labels = List.copyOf(labels);
        this.context = context;
    }

    private List<ServiceReference<?>> tabs() {
        try {
            ServiceReference<?>[] found = context.getAllServiceReferences(null, "(" + LABEL + "=*)");
            return found == null ? List.of() : List.of(found);
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException("this filter is right", e);
        }
    }

    String html(Page page, HttpServletRequest request, ConsoleUser user) {
        PageTexts texts = PageTexts.of(request);
        String root = request.getContextPath();
        StringBuilder pages = new StringBuilder();
        labels.forEach(label -> link(pages, root, label, texts.get(label + ".title"), label.equals(page.label())));
        StringBuilder others = new StringBuilder();
        Map<String, String> foreign = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        for (ServiceReference<?> tab : tabs()) {
            String label = String.valueOf(tab.getProperty(LABEL));
            String title = String.valueOf(tab.getProperty("felix.webconsole.title"));
            if (!labels.contains(label) && label.matches("[A-Za-z0-9_.-]{1,60}")) {
                // A title with this sign is a name in a file of the tab's bundle.
                foreign.put(texts.find("container." + label).orElse(title.startsWith("%") ? label : title), label);
            }
        }
        foreign.forEach((title, label) -> link(others, root, label, title, false));
        return PAGE.replace("{language}", texts.language()).replace("{root}", escaped(root))
            .replace("{label}", page.label()).replace("{title}", texts.get(page.label() + ".title"))
            .replace("{lead}", texts.get(page.label() + ".lead")).replace("{role}", user.role())
            .replace("{token}", user.token()).replace("{skip}", texts.get("page.skip"))
            .replace("{menu}", texts.get("page.menu")).replace("{navigation}", texts.get("page.navigation"))
            .replace("{who}", escaped(texts.get("page.who", user.name(), texts.get("page.role." + user.role()))))
            .replace("{logout}", texts.get("page.logout")).replace("{ours}", texts.get("page.ours"))
            .replace("{theirs}", texts.get("page.theirs")).replace("{pages}", pages).replace("{others}", others)
            .replace("{loading}", texts.get("page.loading"))
            // No end tag can be in there.
            .replace("{texts}", ConfWriter.compactText(texts.all(Set.of("page", "common", page.label())))
                .replace("<", "\\u003c"));
    }

    private static void link(StringBuilder list, String root, String label, String title, boolean here) {
        list.append("<li><a href=\"").append(escaped(root)).append('/').append(escaped(label)).append('"')
            .append(here ? " aria-current=\"page\"" : "").append('>').append(escaped(title)).append("</a></li>");
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;")
            .replace("'", "&#39;");
    }
}
