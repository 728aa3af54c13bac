// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.regex.Matcher;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The pages of the web console with 1,000 routes and 300 applications, one of them broken. */
@Timeout(600)
class ConsoleManyIT {
    private static final int ROUTES = 1000;
    private static final int APPLICATIONS = 300;

    @Test
    void everyPageShowsThem() throws Exception {
        assumeTrue(Browser.isThere(), "there is no /usr/bin/chromium");
        List<Integer> ports = Distribution.freePorts(2);
        String root = "http://127.0.0.1:" + ports.getFirst() + "/system/console";
        try (TestServer server = TestServer.speaking(List.of("--console", "127.0.0.1:" + ports.getFirst()), "python")) {
            Matcher password = server.awaitLog("the password of \"admin\" is (\\w{24}) ");
            server.awaitLog("console: at ");
            String steps = IntStream.range(0, ROUTES - 1).mapToObj(i -> "{\"match\": {\"uri\": \"/r" + i
                + "/*\"}, \"action\": {\"pass\": \"applications/a" + i % APPLICATIONS + "\"}}")
                .collect(Collectors.joining(", "));
            String applications = IntStream.range(0, APPLICATIONS).mapToObj(i -> "\"a" + i + "\": {\"type\":"
                + " \"python\", \"module\": \"nonexistent\", \"processes\": {\"spare\": 0, \"max\": 1}}")
                .collect(Collectors.joining(", "));
            server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + ports.get(1) + "\": {\"pass\":"
                + " \"routes\"}}, \"routes\": [" + steps + ", {\"action\": {\"return\": 404}}], \"applications\": {"
                + applications + "}}");
            server.expect("\\[alert]");
            assertEquals(503, Http.get(ports.get(1), "/r7/x").status());
            try (Browser browser = ConsolePagesIT.entered(root, password.group(1))) {
                for (String[] page : ConsolePagesIT.PAGES) {
                    browser.open(root + "/" + page[0]);
                    browser.await("document.querySelector('[aria-busy]') === null");
                    switch (page[0]) {
                        case "overview" -> browser.await("[...document.querySelectorAll('main .problem strong')]"
                            + ".map(name => name.textContent).join() === 'a7'");
                        case "routes" -> {
                            browser.await("document.body.innerText.includes('500 of 1,000')"
                                + " || document.body.innerText.includes('500 of 1000')");
                            browser.run("document.getElementById('filter').value = '/r998/';"
                                + " document.getElementById('filter').dispatchEvent(new Event('input'))");
                            browser.await("document.querySelectorAll('[data-switch=\"routes/998\"]').length === 1");
                        }
                        case "applications" -> browser.await("document.querySelectorAll('[data-log]').length === "
                            + APPLICATIONS);
                        case "modules" -> browser.await("[...document.querySelectorAll('details summary')].some(s =>"
                            + " s.textContent === '" + APPLICATIONS + " applications')");
                        case "configuration" -> browser.await("document.querySelector('#node .row') !== null");
                        default -> browser.await("document.querySelector('main .problem') === null");
                    }
                    if (Npm.isThere()) {
                        // A thousand rows have the colours of one, which ConsolePagesIT looks at.
                        assertEquals("[]", ConsolePagesIT.violations(browser,
                            "{rules: {'color-contrast': {enabled: false}}}"), page[0]);
                    }
                }
            }
        }
    }
}
