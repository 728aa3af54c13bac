// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Matcher;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The web console's own tabs in a real browser, and what they do to bundles that main has installed. */
@Timeout(180)
class ConsoleTabsIT {
    private static final String PYTHON = "io.margay.lang.python";

    private static TestServer server;
    private static Browser browser;
    private static String root;
    private static int port;

    @BeforeAll
    static void start() throws IOException {
        assumeTrue(Browser.isThere(), "there is no /usr/bin/chromium");
        List<Integer> ports = Distribution.freePorts(2);
        port = ports.get(1);
        root = "http://127.0.0.1:" + ports.getFirst() + "/system/console";
        server = TestServer.speaking(List.of("--console", "127.0.0.1:" + ports.getFirst()), "python");
        Matcher password = server.awaitLog("the password of \"admin\" is (\\w{24}) ");
        server.awaitLog("console: at ");
        server.control().apply("/config", "{\"listeners\": {\"127.0.0.1:" + port
            + "\": {\"pass\": \"applications/it\"}}, \"applications\": {\"it\": " + Tongue.PYTHON.app(server, "app")
            + "}}");
        browser = ConsolePagesIT.entered(root, password.group(1));
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

    private static String software() throws IOException {
        return Http.get(port, "/software").text().replaceAll("/.*", "");
    }

    /** The policy of the pages must let their scripts run. */
    @ParameterizedTest
    @ValueSource(strings = {"bundles", "components", "services", "configMgr", "logs"})
    void theirScriptsRun(String tab) {
        browser.faults();
        browser.open(root + "/" + tab);
        browser.await("typeof jQuery === 'function' && jQuery.isReady");
        assertEquals(List.of(), browser.faults());
    }

    @Test
    void tablesAreSorted() {
        browser.open(root + "/bundles");
        String last = "document.querySelector('#plugin_table tbody tr:last-child').innerText";
        browser.await("document.querySelectorAll('#plugin_table tbody tr').length > 20");
        String before = browser.run(last);
        browser.run("jQuery('#plugin_table thead th').eq(0).click()");
        Await.until("the order is another one", () -> !browser.run(last).equals(before));
        assertEquals(List.of(), browser.faults());
    }

    private static void upload(Path jar) {
        browser.open(root + "/bundles");
        browser.await("document.querySelectorAll('#plugin_table tbody tr').length > 20");
        browser.run("document.querySelector('.installButton').click()");
        browser.await("document.querySelector('.ui-dialog-buttonpane button') !== null");
        browser.file("input.MultiFile-applied", jar);
        browser.run("document.querySelector('#uploadDialog input[name=bundlestart]').checked = true;"
            + " document.querySelector('.ui-dialog-buttonpane button').click()");
    }

    /** Does to a bundle what its buttons do. */
    private static String act(String action, String version) {
        browser.open(root + "/bundles");
        return browser.run("fetch('bundles.json').then(r => r.json()).then(all => fetch('bundles/' + all.data.find(b =>"
            + " b.symbolicName === '" + PYTHON + "' && b.version.startsWith('" + version + "')).id, {method: 'POST',"
            + " body: new URLSearchParams({action: '" + action + "'})})).then(r => String(r.status))");
    }

    @Test
    void aLanguageIsUpdatedStoppedAndTakenAwayInTheTabOfBundles() throws Exception {
        Path jar = server.base().resolve("python.jar");
        JarCopy.write(Tongue.PYTHON.bundle(), jar, "2.0.0", (name, content) ->
            name.endsWith("/" + Tongue.PYTHON.file) ? content.replace("\"Unit/", "\"Second/") : content);
        assertEquals("Unit", software());
        upload(jar);
        Await.until("the new version serves", () -> software().equals("Second"));
        server.awaitLog("order of somebody in main's framework about module \"" + PYTHON + "\" is done: put");
        String shown = server.control().get("/modules/" + PYTHON).text();
        assertTrue(shown.contains("\"2.0.0\"") && shown.contains("\"store\""), shown);
        assertEquals("200", act("stop", "2.0.0"));
        server.awaitLog("bundle " + PYTHON + " was stopped by somebody in main's framework and is started again");
        assertEquals("200", act("uninstall", "2.0.0"));
        server.awaitLog("order of somebody in main's framework about module \"" + PYTHON + "\": it is used by \"it\"");
        // New processes have what they need.
        assertEquals(200, server.control().get("/control/applications/it/restart").status());
        assertEquals("Second", software());
        assertEquals(200, server.control().post("/modules/" + PYTHON + "/rollback", "").status());
        assertEquals("Unit", software());
    }
}
