// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Our pages of the web console in a real browser, with an application that serves and a broken one. */
class ConsolePagesIT {
    /** What each page shows when it is through. */
    static final List<String[]> PAGES = List.of(
        new String[] {"overview", "document.querySelectorAll('.cards .card').length === 9"},
        new String[] {"processes", "document.body.innerText.includes('unit: router')"},
        new String[] {"applications", "document.querySelectorAll('tbody tr').length === 2"},
        new String[] {"modules", "document.body.innerText.includes('io.margay.lang.python')"},
        new String[] {"routes", "document.body.innerText.includes('/never-*')"},
        new String[] {"configuration", "document.getElementById('text').value.includes('listeners')"},
        new String[] {"certificates", "document.getElementById('pem') !== null"},
        new String[] {"events", "document.querySelectorAll('#log tbody tr').length > 3"});

    private static TestServer server;
    private static Browser browser;
    private static String root;
    private static int spare;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Browser.isThere(), "there is no /usr/bin/chromium");
        List<Integer> ports = Distribution.freePorts(3);
        spare = ports.get(2);
        root = "http://127.0.0.1:" + ports.getFirst() + "/system/console";
        server = TestServer.speaking(List.of("--console", "127.0.0.1:" + ports.getFirst()), "python", "external",
            "perl");
        Matcher password = server.awaitLog("the password of \"admin\" is (\\w{24}) ");
        server.awaitLog("console: at ");
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + ports.get(1)
            + "\": {\"pass\": \"routes\"}}, \"routes\": [{\"match\": {\"uri\": \"/never-*\"}, \"action\": {\"return\":"
            + " 404}}, {\"action\": {\"pass\": \"applications/good\"}}], \"applications\": {\"good\": "
            + server.python("wsgiref", "valid") + "}}");
        server.control().request("PUT", "/config/applications/broken", "{\"type\": \"external\", \"executable\":"
            + " \"/nonexistent/program\", \"processes\": {\"spare\": 0, \"max\": 1}}");
        browser = entered(root, password.group(1));
    }

    /** {@return a browser whose user has logged in} */
    static Browser entered(String root, String password) throws IOException {
        Browser browser = Browser.start();
        browser.size(1280, 900);
        browser.open(root + "/overview");
        browser.await("location.pathname.endsWith('/login')");
        browser.run("document.getElementById('password').value = '" + password + "'; document.forms[0].submit()");
        browser.await("location.pathname.endsWith('/overview') && document.getElementById('content') !== null");
        return browser;
    }

    /** {@return what axe-core finds wrong with the page that is shown} */
    static String violations(Browser browser) throws Exception {
        return violations(browser, "{}");
    }

    /** The same with options of axe-core, as of its {@code run}. */
    static String violations(Browser browser, String options) throws Exception {
        browser.run(AxeCore.script() + "; 1");
        return browser.run("axe.run(document, " + options + ").then(r => JSON.stringify(r.violations.map(v => [v.id,"
            + " v.nodes.map(n => n.html.slice(0, 200))])))");
    }

    @AfterAll
    static void end() throws Exception {
        if (browser != null) {
            browser.close();
        }
        if (server != null) {
            server.close();
        }
    }

    private static void show(String[] page) {
        browser.open(root + "/" + page[0]);
        browser.await(page[1]);
    }

    /** Keeps a picture for people who look at what the tests saw. */
    private static void picture(String name) throws IOException {
        Files.write(Files.createDirectories(Path.of("target/pictures")).resolve(name + ".png"), browser.picture());
    }

    /** Light and dark; what is wrong with a page but its colours is wrong in both. */
    @Test
    void everyPageShowsWhatThereIsAndAxeFindsNothing() throws Exception {
        for (boolean dark : new boolean[] {false, true}) {
            browser.dark(dark);
            for (String[] page : PAGES) {
                show(page);
                picture(page[0] + (dark ? "-dark" : ""));
                if (Npm.isThere()) {
                    assertEquals("[]", violations(browser, dark
                        ? "{runOnly: {type: 'rule', values: ['color-contrast']}}" : "{}"),
                        page[0] + (dark ? " dark" : ""));
                }
            }
        }
        browser.dark(false);
        browser.size(390, 800);
        show(PAGES.get(2));
        picture("applications-phone");
        assertEquals("true", browser.run("String(document.documentElement.scrollWidth <= innerWidth)"));
        browser.size(1280, 900);
    }

    /** Those of the README, taken anew when asked for. */
    @Test
    void theReadmeShowsFourPages() throws IOException {
        Path top = Path.of(System.getProperty("margay.apps")).resolve("../../../..").normalize();
        String readme = Files.readString(top.resolve("README.md"));
        browser.size(1280, 760);
        for (int index : new int[] {0, 2, 3, 5}) {
            show(PAGES.get(index));
            Path picture = top.resolve("docs/images/" + PAGES.get(index)[0] + ".png");
            if (Boolean.getBoolean("margay.docs.record")) {
                Files.createDirectories(picture.getParent());
                Files.write(picture, browser.picture());
            }
            assertTrue(Files.exists(picture), picture.toString());
            assertTrue(readme.contains(top.relativize(picture).toString()), picture.toString());
        }
        browser.size(1280, 900);
    }

    @Test
    void aRestartIsAskedForAndDone() {
        show(PAGES.get(2));
        browser.run("document.querySelector('[data-restart=good]').click()");
        browser.await("document.querySelector('dialog[open]') !== null");
        browser.run("document.querySelector('dialog .primary').click()");
        browser.await("document.querySelector('#notice .fine') !== null");
    }

    @Test
    void aModuleIsBroughtPutBackAndAskedForBeforeItGoes() throws IOException {
        String name = "io.margay.lang.perl";
        Path jar = server.base().resolve("perl.jar");
        JarCopy.write(JarCopy.original("modules", name), jar, "7.0.0", (entry, content) -> content);
        show(PAGES.get(3));
        browser.file("#jar", jar);
        browser.run("document.getElementById('upload').click()");
        browser.await("document.querySelector('#notice .fine')?.innerText.includes('7.0.0') === true");
        browser.await("document.querySelector('[data-rollback=\"" + name + "\"]') !== null");
        browser.run("document.querySelector('[data-rollback=\"" + name + "\"]').click()");
        browser.await("document.querySelector('dialog[open]')?.innerText.includes('" + name + "') === true");
        browser.run("document.querySelector('dialog .primary').click()");
        Await.until("the version before is back", () ->
            !server.control().get("/modules/" + name + "/version").text().contains("7.0.0"));
        Files.writeString(jar, "no jar");
        browser.file("#jar", jar);
        browser.run("document.getElementById('upload').click()");
        browser.await("document.querySelector('#notice .problem') !== null");
        browser.run("document.querySelector('[data-remove=\"io.margay.lang.python\"]').click()");
        browser.await("document.querySelector('dialog[open]') !== null");
        browser.run("document.querySelector('dialog .primary').click()");
        browser.await("document.querySelector('dialog[open]')?.innerText.includes('\"good\"') === true");
        browser.run("document.querySelector('dialog button[value=no]').click()");
        browser.await("document.querySelector('#notice .problem')?.innerText.includes('good') === true");
        assertEquals(200, server.control().get("/modules/io.margay.lang.python").status());
    }

    @Test
    void aChangeIsTriedAppliedConfirmedAndTakenBack() throws IOException {
        show(PAGES.get(5));
        browser.run("const e = document.getElementById('text'); e.value = e.value.replace('404', '410');"
            + " e.dispatchEvent(new Event('input')); document.getElementById('try').click()");
        browser.await("document.querySelector('#notice .fine') !== null");
        assertTrue(server.control().get("/config/routes").text().contains("404"));
        browser.run("document.getElementById('seconds').value = '60'; document.getElementById('apply').click()");
        browser.await("document.getElementById('keep') !== null");
        assertTrue(server.control().get("/config/routes").text().contains("410"));
        browser.run("document.getElementById('keep').click()");
        browser.await("document.getElementById('keep') === null");
        assertTrue(server.control().get("/control/confirm").text().contains("false"));
        browser.run("e.value = e.value.replace('410', '411'); e.dispatchEvent(new Event('input'));"
            + " document.getElementById('seconds').value = '60'; document.getElementById('apply').click()");
        server.expect("configuration rolled back by ");
        browser.await("document.getElementById('cancel') !== null");
        assertTrue(server.control().get("/config/routes").text().contains("411"));
        browser.run("document.getElementById('cancel').click()");
        browser.await("document.getElementById('cancel') === null && e.value.includes('410')");
        assertTrue(server.control().get("/config/routes").text().contains("410"));
        browser.run("e.value = '{ \"listeners\": '; e.dispatchEvent(new Event('input'))");
        browser.await("document.getElementById('text').getAttribute('aria-invalid') === 'true'");
    }

    /** A form reads and writes the text; what a value means the server says while one types. */
    @Test
    void aFormIsDrawnFromTheSchemas() throws Exception {
        show(PAGES.get(5));
        browser.await("document.querySelector('#node .row') !== null");
        browser.run("document.querySelector('[aria-label$=\": settings\"]').click()");
        browser.await("document.querySelector('#node [aria-label$=\": http\"]') !== null");
        browser.run("document.querySelector('#node [aria-label$=\": http\"]').click()");
        browser.await("document.getElementById('f-settings-http-body_read_timeout') !== null");
        String set = "{ const f = document.getElementById('f-settings-http-body_read_timeout'); f.value = '%s';"
            + " f.dispatchEvent(new Event('change')); }";
        browser.run(set.formatted("-5"));
        browser.await("document.getElementById('position').classList.contains('problem')");
        browser.await("document.querySelector('.row.wrong') !== null");
        picture("form");
        if (Npm.isThere()) {
            assertEquals("[]", violations(browser));
        }
        browser.run(set.formatted("12"));
        browser.await("document.getElementById('text').value.includes('\"body_read_timeout\": 12')");
        browser.await("!document.getElementById('position').classList.contains('problem')");
        browser.run("document.getElementById('apply').click()");
        browser.await("document.querySelector('#notice .fine') !== null");
        assertTrue(server.control().get("/config/settings/http").text().contains("12"));
        // A part of a file takes the place of what is open.
        Path part = server.base().resolve("part.json");
        Files.writeString(part, "{\"body_read_timeout\": 13, \"send_timeout\": 14}");
        browser.file("#import", part);
        browser.await("document.getElementById('text').value.includes('\"send_timeout\": 14')");
    }

    private static void yes() {
        browser.await("document.querySelector('dialog[open]') !== null");
        browser.run("document.querySelector('dialog .primary').click()");
    }

    private static String http() throws IOException {
        return server.control().get("/config/settings/http").text();
    }

    @Test
    void aRevisionIsComparedAndUndoneAndWhatNobodyKeepsGoesByItself() throws IOException {
        for (String size : List.of("111222", "333444")) {
            server.control().apply("/config/settings", "{\"http\": {\"max_body_size\": " + size + "}}");
        }
        show(PAGES.get(5));
        browser.await("document.querySelectorAll('[data-undo]').length > 1");
        browser.run("document.querySelectorAll('[data-diff]')[1].click()");
        browser.await("document.querySelector('#notice .fine pre')?.innerText.includes('max_body_size') === true");
        browser.run("document.querySelectorAll('[data-undo]')[1].click()");
        yes();
        browser.await("document.getElementById('text').value.includes('111222')");
        assertTrue(http().contains("111222"), http());
        server.expect("rolled back since nobody has confirmed it in time");
        // Nobody confirms: the page counts, and shows what is in force again.
        browser.run("new MutationObserver(() => { if (document.getElementById('keep')) { window.counted = true; } })"
            + ".observe(document.body, { childList: true, subtree: true });"
            + " document.getElementById('seconds').add(new Option('5', '5'));"
            + " document.getElementById('seconds').value = '5';"
            + " { const e = document.getElementById('text'); e.value = e.value.replace('111222', '555666');"
            + " e.dispatchEvent(new Event('input')); } document.getElementById('apply').click()");
        browser.await("window.counted === true");
        browser.await("document.getElementById('keep') === null"
            + " && document.getElementById('text').value.includes('111222')");
        assertTrue(http().contains("111222"), http());
        browser.run("{ const make = URL.createObjectURL.bind(URL); URL.createObjectURL = b => {"
            + " b.text().then(text => { window.exported = text; }); return make(b); }; }"
            + " document.getElementById('export').click()");
        browser.await("window.exported !== undefined && JSON.parse(window.exported).settings.http.max_body_size"
            + " === 111222");
    }

    @Test
    void routesAreSortedAndListenersAndApplicationsSwitched() throws IOException {
        String address = server.control().get("/config/listeners").text().replaceAll("(?s)^[^\"]*\"([^\"]+)\".*", "$1");
        int port = Integer.parseInt(address.substring(address.lastIndexOf(':') + 1));
        show(PAGES.get(4));
        String table = "[...document.querySelectorAll('main table')].at(-1)";
        for (String first : List.of("0", "1")) {
            browser.run(table + ".querySelector('.sort').click()");
            assertEquals(first, browser.run(table + ".querySelector('tbody th').textContent"));
        }
        assertEquals("descending", browser.run(table + ".querySelector('th').ariaSort"));
        String button = "document.querySelector('[data-switch=\"" + address + "\"]')";
        browser.run(button + ".click()");
        browser.await(button + ".textContent === 'Switch on'");
        assertThrows(ConnectException.class, () -> Http.get(port, "/"));
        browser.run(button + ".click()");
        browser.await(button + ".textContent === 'Switch off'");
        assertEquals(4, Http.get(port, "/never-x").status() / 100);
        show(PAGES.get(2));
        for (String enabled : List.of("false", "true")) {
            browser.run("document.querySelector('[data-switch=good]').click()");
            if (enabled.equals("false")) {
                yes();
            }
            Await.until("it is " + enabled, () -> server.control().get("/config/applications/good").text()
                .contains("\"enabled\": false") == enabled.equals("false"));
            browser.await("document.querySelector('[data-restart=good]').disabled === " + enabled.equals("false"));
        }
        String badge = "[...document.querySelectorAll('tbody tr')].find(row => row.textContent.startsWith('broken'))"
            + ".querySelector('.badge').textContent === '";
        browser.await(badge + "starts on demand'");
        server.expect("nonexistent");
        server.expect("\"broken\"");
        server.control().apply("/config/listeners/127.0.0.1:" + spare, "{\"pass\": \"applications/broken\"}");
        assertEquals(503, Http.get(spare, "/").status());
        browser.await(badge + "does not start'");
        show(PAGES.get(0));
        browser.await("document.querySelector('main .problem')?.innerText.includes('broken') === true");
        show(PAGES.get(3));
        for (String pinned : List.of("true", "false")) {
            browser.run("document.querySelector('[data-pin=\"io.margay.lang.external\"]').click()");
            Await.until("pinned is " + pinned, () -> server.control().get("/modules/io.margay.lang.external").text()
                .contains("\"pinned\": true") == pinned.equals("true"));
            browser.await("document.querySelector('#notice .fine') !== null && document.querySelector("
                + "'[data-pin=\"io.margay.lang.external\"]').textContent === '"
                + (pinned.equals("true") ? "Unpin" : "Pin") + "'");
        }
    }

    @Test
    void aCertificateThatEndsSoonIsMarkedAndReplaced() throws Exception {
        OpenSsl openssl = new OpenSsl(server.base());
        openssl.selfSigned("soon", "rsa:2048");
        openssl.words("req -x509 -newkey rsa:2048 -nodes -days 300 -subj /CN=late -keyout late.key -out late.crt");
        Path late = server.base().resolve("late.pem");
        Files.writeString(late, openssl.join("late.crt", "late.key"));
        show(PAGES.get(6));
        browser.run("document.getElementById('name').value = 'mine'; document.getElementById('pem').value = `"
            + openssl.join("soon.crt", "soon.key") + "`; document.querySelector('main form .primary').click()");
        browser.await("document.querySelector('main tbody .badge.warn')?.textContent === '29 days'");
        picture("certificates-soon");
        browser.file("#file", late);
        browser.await("document.getElementById('pem').value.includes('BEGIN')");
        browser.run("document.querySelector('main form .primary').click()");
        browser.await("document.querySelector('#notice .problem')?.innerText.includes('already exists') === true");
        browser.run("document.getElementById('replace').click(); document.querySelector('main form .primary').click()");
        browser.await("document.querySelector('main tbody .badge.good')?.textContent === '299 days'");
        browser.run("document.querySelector('[data-remove=mine]').click()");
        yes();
        browser.await("document.querySelector('[data-remove=mine]') === null");
        assertEquals(404, server.control().get("/certificates/mine").status());
    }

    @Test
    void aRequestIsExplainedAndAStepSwitchedOff() throws IOException {
        show(PAGES.get(4));
        browser.run("document.querySelector('#explain .primary').click()");
        browser.await("document.getElementById('result')?.innerText.includes('applications/good') === true");
        picture("explain");
        browser.run("document.querySelector('[data-switch=\"routes/0\"]').click()");
        browser.await("document.querySelector('#notice .fine') !== null");
        assertTrue(server.control().get("/config/routes/0").text().contains("enabled"));
        browser.await("document.querySelector('[data-switch=\"routes/0\"]').textContent === 'Switch on'");
        browser.run("document.querySelector('[data-switch=\"routes/0\"]').click()");
        Await.until("it is on again", () -> !server.control().get("/config/routes/0").text().contains("enabled"));
    }

    /** The keyboard alone: the first stop leads to the content, and each control can be reached. */
    @Test
    void theKeyboardReachesEverything() {
        for (String[] page : PAGES) {
            show(page);
            browser.run("document.activeElement.blur(); window.scrollTo(0, 0)");
            browser.key("Tab");
            assertEquals("skip", browser.run("document.activeElement.className"), page[0]);
            assertEquals("0", browser.run("String([...document.querySelectorAll('main *')].filter(e =>"
                + " e.onclick || e.tagName === 'BUTTON' || e.tagName === 'INPUT' || e.tagName === 'SELECT')"
                + ".filter(e => e.tabIndex < 0).length)"), page[0]);
        }
    }

    @Test
    void germanIsThere() {
        browser.call("Network.enable");
        com.google.gson.JsonObject german = new com.google.gson.JsonObject();
        german.addProperty("Accept-Language", "de");
        browser.call("Network.setExtraHTTPHeaders", "headers", german);
        try {
            browser.open(root + "/applications");
            assertEquals("de", browser.run("document.documentElement.lang"));
            assertEquals("Anwendungen", browser.run("document.querySelector('h1').textContent"));
        } finally {
            browser.call("Network.setExtraHTTPHeaders", "headers", new com.google.gson.JsonObject());
        }
    }
}
