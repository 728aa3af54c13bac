// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.Conf;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CheckVerbTest {
    private static final String MIXED = """
        {"listeners": {"*:80": {"pass": "routes"}, "*:81": {"pass": "applications/gone", "tls": {"certificate": "c",
        "session": {"tickets": true}, "conf_commands": {"CipherString": "x", "Bad": "y"}}}},
        "settings": {"http": {"idle_timout": 3, "compression": {"compressors": {"encoding": "gzip"}}},
        "telemetry": {"endpoint": "http://x", "protocol": "http"}},
        "routes": [{"action": {"share": "/a$uri"}}, {"match": {"host": "a", "urx": "/"}, "action": {"proxy":
        "http://127.0.0.1:1"}}, {"action": {"return": 99999}}, {"action": {"pass": "applications/wsgi"}}],
        "access_log": "/var/log/access.log",
        "applications": {"wsgi": {"type": "external", "executable": "/x", "limits": {"timeout": "soon"}}}}""";

    @TempDir
    private Path directory;

    private Path file(String name, String text) throws IOException {
        return Files.writeString(directory.resolve(name), text);
    }

    private Run run() throws IOException {
        return new Run().home(TestHome.make(directory.resolve("home")));
    }

    @Test
    void everyProblemIsToldAtItsPlaceAndNoneThatFollowsFromAnother() throws IOException {
        Run run = run();
        assertEquals(1, run.call("check", file("conf.json", MIXED).toString()), run.err());
        List<String> places = run.out().lines().filter(line -> !line.startsWith(" "))
            .map(line -> line.replaceFirst(": .*", "").replaceFirst(" +", " ")).toList();
        assertEquals(List.of("same /listeners/*:80", "same /routes/0", "same /routes/3",
            "refused /settings/http", "refused /listeners/*:81/pass", "refused /routes/1/match",
            "refused /routes/2/action/return", "refused /applications/wsgi/limits/timeout",
            "same /settings/telemetry", "same /access_log",
            "upload /listeners/*:81/tls/certificate", "refused /listeners/*:81/tls/conf_commands/Bad",
            "differs /listeners/*:81/tls/session/tickets", "A server refuses it as it is.").stream().sorted().toList(),
            places.stream().sorted().toList(), run.out());
        assertTrue(run.out().contains("Did you mean \"idle_timeout\"?"), run.out());
    }

    @Test
    void whatIsTakenAsItIsEndsWithZero() throws IOException {
        Run run = run();
        Path yaml = file("conf.yaml", "listeners:\n  '*:80':\n    pass: routes\nroutes: []\n");
        assertEquals(0, run.call("check", "-t", "json", yaml.toString()), run.err());
        assertEquals("{\"same\":[\"/listeners/*:80\"],\"refused\":[],\"install\":[],\"upload\":[],\"differs\":[]}\n",
            run.out());
    }

    @Test
    void aLanguageWithoutItsBundleIsToBeInstalled() throws IOException {
        Run run = run();
        Files.delete(directory.resolve("home/modules/io.margay.lang.java-1.0.0.jar"));
        Path conf = file("conf.json", """
            {"listeners": {"*:80": {"pass": "applications/shop"}},
            "applications": {"shop": {"type": "java", "webapp": "/shop"}}}""");
        assertEquals(1, run.call("check", "-t", "json", conf.toString()), run.err());
        assertTrue(run.out().contains("\"install\":[{\"path\":\"/applications/shop/type\""), run.out());
        assertTrue(run.out().contains("\"refused\":[],"), run.out());
    }

    @Test
    void aCertificateThatIsDescribedNeedsItsBundle() throws IOException {
        Run run = run();
        Path conf = file("conf.json", """
            {"listeners": {"*:443": {"pass": "routes", "tls": {"certificate": [{"acme": {"domains": "a.example",
            "terms_of_service_agreed": true}}]}}}, "routes": []}""");
        assertEquals(0, run.call("check", "-t", "json", conf.toString()), run.out());
        assertTrue(run.out().contains("\"upload\":[]"), "it is got, not uploaded: " + run.out());
        Files.delete(directory.resolve("home/system/io.margay.control.acme-1.0.0.jar"));
        Run without = new Run().home(directory.resolve("home"));
        assertEquals(1, without.call("check", "-t", "json", conf.toString()), without.out());
        assertTrue(without.out().contains("\"install\":[{\"path\":\"/listeners/*:443/tls/certificate/0/acme\"")
            && without.out().contains("that provides the certificate \\\"acme\\\""), without.out());
    }

    @Test
    void inputThatIsNoConfigurationIsWrongUsage() throws IOException {
        assertEquals(2, run().call("check", file("broken.json", "{\"a\": ").toString()));
        assertEquals(4, run().call("check", directory.resolve("none.json").toString()));
        Run list = run();
        assertEquals(1, list.call("check", file("list.json", "[]").toString()));
        assertTrue(list.out().startsWith("refused  the whole: "), list.out());
        assertEquals(4, new Run().home(directory.resolve("nothing")).call("check", file("x.json", "{}").toString()));
    }

    @Test
    void aRunningServerJudgesByDryRuns() throws IOException {
        Path conf = file("conf.json", """
            {"listeners": {}, "routes": [{"action": {"pass": "applications/a"}}],
            "applications": {"a": {"type": "java", "webapp": "/x"}}}""");
        Path socket = directory.resolve("control");
        Run run = new Run();
        try (FakeServer server = FakeServer.at(socket, seen -> seen.what().startsWith("GET") ? FakeServer.ok("{}")
                : seen.body().contains("java") ? FakeServer.answer(400, """
                {"error": "Invalid configuration.", "detail": "The module to run \\"java\\" is not found among the
                available application modules.", "location": {"path": "/applications/a/type"}}""".replace("\n", " "))
                : seen.body().contains("applications/a") ? FakeServer.answer(400, """
                {"error": "Invalid configuration.", "detail": "none", "location": {"path": "/routes/0/action/pass"}}""")
                : FakeServer.ok("{}"))) {
            assertEquals(1, run.on(socket, "check", "--server", conf.toString()), run.err());
            assertTrue(server.whats().stream().allMatch(what -> what.equals("PUT /config?dry-run")
                || what.equals("GET /control/revisions")), server.whats().toString());
        }
        assertTrue(run.out().contains("install  /applications/a/type: "), run.out());
    }

    @Test
    void aServerWithoutDryRunsIsSentNothing() throws IOException {
        Path socket = directory.resolve("control");
        Run run = new Run();
        try (FakeServer server = FakeServer.at(socket, seen -> FakeServer.answer(404, "{}"))) {
            assertEquals(2, run.on(socket, "check", "--server", file("conf.json", "{}").toString()));
            assertEquals(List.of("GET /control/revisions"), server.whats());
        }
        assertTrue(run.err().contains("knows no dry run"), run.err());
    }

    @Test
    void interpretersAreLookedForByVersion() throws IOException, ConfSyntaxException {
        Files.createFile(directory.resolve("python3.11"));
        Files.createFile(directory.resolve("php-fpm8.2"));
        assertEquals(List.of(), missing("python"));
        assertEquals(List.of(), missing("python 3"));
        assertEquals(List.of(), missing("python 3.11"));
        assertEquals(List.of("No python 3.1 is in " + places() + "."), missing("python 3.1"));
        assertEquals(List.of(), missing("php 8.2"));
        assertEquals(List.of("No php 7 is in " + places() + "."), missing("php 7"));
        assertEquals(List.of("No perl is in " + places() + "."), missing("perl"));
        assertEquals(List.of(), missing("external"));
    }

    private List<Path> places() {
        return List.of(directory, directory.resolve("none"));
    }

    private List<String> missing(String type) throws ConfSyntaxException {
        Conf conf = ConfParser.parse(("{\"applications\": {\"a\": {\"type\": \"" + type + "\"}}}")
            .getBytes(StandardCharsets.UTF_8));
        return new Differences(places()).of(conf, true).stream()
            .filter(one -> one.kind() == CheckFinding.Kind.INSTALL).map(CheckFinding::detail).toList();
    }
}
