// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Who may do what on the control socket, with clients of other accounts. */
@Timeout(120)
class ControlPolicyIT {
    private static final String POLICY = """
        // Comments are allowed.
        {"default": "deny", "rules": [
            {"user": 1000, "methods": ["GET"], "paths": ["/config"]},
            {"user": "daemon", "methods": ["GET", "PUT"], "paths": ["/config/routes"]},
            {"group": 1234, "methods": ["*"], "paths": ["/config/settings"]},
            {"who": "owner", "methods": ["GET"], "paths": ["/control/applications"]}]}
        """;

    private static Path policy(Path base, String text) throws IOException {
        return Files.writeString(base.resolve("policy.json"), text);
    }

    /** {@return the status that curl gets as another user, with one supplementary group} */
    private static String status(TestServer server, String ids, String... arguments) throws Exception {
        return Shell.run("setpriv " + ids + " curl -sS --max-time 20 -o /dev/null -w '%{http_code}' --path-as-is "
            + "--unix-socket " + server.base() + "/control.sock " + String.join(" ", arguments));
    }

    @Test
    void eachAccountMayDoWhatItsRulesSay() throws Exception {
        Assumptions.assumeTrue(System.getProperty("user.name").equals("root"), "only root can be somebody else");
        Path base = TestServer.directory();
        String user = "--reuid 1000 --regid 1000 --clear-groups";
        String daemon = "--reuid daemon --regid daemon --clear-groups";
        String member = "--reuid 1001 --regid 1001 --groups 1234";
        String stranger = "--reuid 1001 --regid 1001 --clear-groups";
        try (TestServer server = TestServer.speaking(base, List.of("--control-mode", "0666",
                "--control-policy", policy(base, POLICY).toString()), "python")) {
            server.control().apply("/config", "{\"routes\": [], \"applications\": {\"probe\": "
                + server.python("probe", "wsgi", "\"user\": \"daemon\"", "\"group\": \"daemon\"") + "}}");
            String[][] cases = {
                {"200", user, "http://x/config"}, {"403", user, "http://x/status"}, {"403", user, "http://x/"},
                {"403", user, "-X DELETE http://x/config"}, {"403", user, "http://x/config/../status"},
                {"403", user, "http://x/config%2F..%2Fstatus"}, {"403", user, "http://x/config/%2e%2e/status"},
                {"200", daemon, "-X PUT -d [] http://x/config/routes"}, {"403", daemon, "http://x/config"},
                {"403", daemon, "-X PUT -d [] http://x/config/routes?confirm=60"},
                {"403", daemon, "-X DELETE http://x/config/routes"},
                {"403", daemon, "-X PUT -d {} http://x/config/routes/../settings"},
                {"200", member, "-X PUT -d {} http://x/config/settings"}, {"403", stranger, "http://x/config/settings"},
                {"200", daemon, "http://x/control/applications/probe/restart"},
                {"403", user, "http://x/control/applications/probe/restart"},
                {"403", stranger, "http://x/control/applications/probe/restart"}};
            for (String[] each : cases) {
                assertEquals(each[0], status(server, each[1], each[2]), each[1] + " " + each[2]);
            }
            assertTrue(server.log().contains("access denied: DELETE /config by uid 1000, gid 1000, pid "));
            assertTrue(server.log().contains("configuration changed: PUT /config/routes by uid 1, gid 1, pid "));
            String changes = server.control().get("/control/revisions").text().replaceAll("\\s", "");
            assertTrue(changes.contains("\"path\":\"/config/settings\",\"peer\":{\"uid\":1001,\"gid\":1001,"), changes);
        }
    }

    @Test
    void aBadPolicyPreventsTheStart() throws Exception {
        Path base = TestServer.directory();
        try {
            Path file = policy(base, POLICY.replace("\"daemon\"", "\"no such user\""));
            String start = Distribution.unitd() + " --no-daemon --control unix:" + base + "/c.sock --pid " + base
                + "/unit.pid --log " + base + "/unit.log --statedir " + base + "/state --tmpdir " + base
                + "/tmp --control-policy " + file + " 2>&1; echo \"code $?\"";
            String text = Shell.run(start);
            assertTrue(text.contains("control policy \"" + file + "\" (option \"--control-policy\"): at /rules/1/user: "
                + "there is no user \"no such user\""), text);
            assertTrue(text.endsWith("code 1\n"), text);
            Files.delete(file);
            text = Shell.run(start);
            assertTrue(text.contains("No such file or directory") && text.endsWith("code 1\n"), text);
            assertTrue(Files.notExists(base.resolve("c.sock")) && Files.notExists(base.resolve("unit.pid")));
        } finally {
            TestServer.delete(base);
        }
    }
}
