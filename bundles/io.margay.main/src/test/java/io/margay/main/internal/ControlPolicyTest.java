// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.credential.Accounts;
import io.margay.posix.Credentials;
import io.margay.process.StartException;
import io.margay.testing.Kinds;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What main makes of a policy file, and what it says when it can make nothing of it. */
class ControlPolicyTest {

    @TempDir
    private Path directory;

    private Path write(String text) throws IOException {
        Path file = directory.resolve("policy.json");
        Files.writeString(file, text);
        return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
    }

    private static Optional<byte[]> read(Path file, boolean required) {
        return PolicyFile.read(file.toString(), required, new ControlPolicy(new Names()), Credentials.effectiveUid())
            .control();
    }

    private String problem(Path file) {
        String text = assertThrows(StartException.class, () -> read(file, true)).getMessage();
        String start = "control policy \"" + file + "\" (option \"--control-policy\"): ";
        assertTrue(text.startsWith(start), text);
        return text.substring(start.length());
    }

    private static String rule(String members) {
        return "{\"default\":\"deny\",\"rules\":[{" + members.replace('\'', '"') + "}]}";
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'user':'adam','methods':['GET'],'paths':['/config']|'uid':4294967294,'methods':['GET'],'paths':['/config']",
        "'user':0,'group':'staff','methods':['*'],'paths':['/']|'uid':0,'gid':50,'methods':[],'paths':['/']",
        "'group':7,'methods':['GET','PUT'],'paths':['/a','/b%2Fc/d']|'gid':7,'methods':['GET','PUT'],"
            + "'paths':['/a','/b%2Fc/d']",
        "'who':'owner','methods':['GET'],'paths':['/control/applications']|'who':'owner','methods':['GET'],"
            + "'paths':['/control/applications']",
        "'who':'any','methods':['GET'],'paths':['/status','/..x']|'who':'any','methods':['GET'],"
            + "'paths':['/status','/..x']"})
    void rulesAreResolved(String members, String expected) throws IOException {
        String json = new String(read(write("// who may do what\n" + rule(members)), true).orElseThrow(),
            StandardCharsets.UTF_8);
        assertEquals("{\"default\":\"deny\",\"self\":" + Credentials.effectiveUid() + ",\"rules\":[{"
            + expected.replace('\'', '"') + "}]}", json);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "'user':'eve'|/user: there is no user \"eve\"", "'user':'fails'|/user: the name service is down",
        "'user':''|/user: must be the name or the number of a user",
        "'user':-1|/user: must be the name or the number of a user",
        "'user':4294967295|/user: must be the name or the number of a user",
        "'user':1.5|/user: must be the name or the number of a user",
        "'group':[]|/group: must be the name or the number of a group",
        "'group':'x'|/group: there is no group \"x\"", "'who':'me'|/who: must be \"any\" or \"owner\"",
        "'who':'any','user':1|: must have either \"who\", or \"user\", \"group\" or both",
        "'methods':['GET']|: must have either \"who\", or \"user\", \"group\" or both",
        "'usr':1|/usr: is no known member",
        "'user':1|/methods: must be an array of 1 to 4 elements",
        "'user':1,'methods':[]|/methods: must be an array of 1 to 4 elements",
        "'user':1,'methods':['get']|/methods/0: must be \"GET\", \"PUT\", \"POST\" or \"DELETE\"; [\"*\"] is all",
        "'user':1,'methods':['GET','*']|/methods/1: must be \"GET\", \"PUT\", \"POST\" or \"DELETE\"; [\"*\"] is all",
        "'user':1,'methods':['*']|/paths: must be an array of 1 to 1000 elements",
        "'user':1,'methods':['*'],'paths':'/'|/paths: must be an array of 1 to 1000 elements",
        "'who':'owner','methods':['*'],'paths':['/config/applications']|/paths/0: must begin with "
            + "\"/control/applications\" in a rule for owners",
        "'who':'owner','methods':['*'],'paths':['/control/applicationsx']|/paths/0: must begin with "
            + "\"/control/applications\" in a rule for owners"})
    void badRulesAreNamed(String members, String expected) throws IOException {
        assertEquals("at /rules/0" + expected, problem(write(rule(members))));
    }

    @ParameterizedTest
    @CsvSource({"config", "''", "/config/", "//config", "/a//b", "/a/../b", "/a/.", "/a/%2e%2E/b", "/a/.%2e", "/a?b",
        "/a#b", "/a%", "/a%2", "/%zz"})
    void badPathsAreNamed(String path) throws IOException {
        assertEquals("at /rules/0/paths/1: must be a path such as \"/config/routes\", without a slash at its end",
            problem(write(rule("'user':1,'methods':['*'],'paths':['/','" + path + "']"))));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "[]|must be an object", "{}|at /default: must be \"allow\" or \"deny\"",
        "{\"default\":\"allow\",\"rules\":[],\"modules\":{}}|at /rules: must be an array of 1 to 1000 elements",
        "{\"default\":\"allow\"}|at /rules: must be an array of 1 to 1000 elements",
        "{\"default\":\"allow\",\"rules\":[1]}|at /rules/0: must be an object",
        "{\"default\":\"allow\",\"rules\":[],\"x\":1}|at /x: is no known member"})
    void badFilesAreNamed(String text, String expected) throws IOException {
        assertEquals(expected, problem(write(text)));
    }

    @Test
    void whoOnlyAsksForMoreOfModulesNeedsNoRules() throws IOException {
        assertTrue(read(write("{\"default\":\"allow\",\"modules\":{\"rollback_time\":5}}"), true).isPresent());
    }

    @Test
    void theExampleIsValid() throws Exception {
        byte[] example = Files.readAllBytes(Kinds.sources().resolve("config/control-policy.example.json"));
        Accounts everybody = (Accounts) Proxy.newProxyInstance(Accounts.class.getClassLoader(),
            new Class<?>[] {Accounts.class}, (proxy, method, arguments) -> OptionalInt.of(7));
        ConfObject policy = new ControlPolicy(everybody).resolve(ConfParser.parse(example), 0);
        assertEquals(5, policy.array("rules").orElseThrow().size());
    }

    @Test
    void syntaxErrorsSayWhere() throws IOException {
        String text = problem(write("{\n  \"default\": deny\n}"));
        assertTrue(text.startsWith("line 2, column 14: "), text);
    }

    @Test
    void aMissingFileIsNoneUnlessItWasNamed() throws IOException {
        Path none = directory.resolve("none");
        assertTrue(read(none, false).isEmpty());
        assertTrue(problem(none).contains("(2: No such file or directory)"));
        assertEquals("is no regular file", problem(directory));
    }

    @ParameterizedTest
    @CsvSource({"rw-rw-r--, 0664", "rw-r--rw-, 0646"})
    void nobodyElseMayWriteIt(String mode, String shown) throws IOException {
        Path file = write(rule("'user':1,'methods':['*'],'paths':['/']"));
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
        assertEquals("may be written by its group or by everybody (mode " + shown + "), which must not be",
            problem(file));
        assertThrows(StartException.class, () -> read(file, false));
    }

    @Test
    void itMustBelongToTheServer() throws IOException {
        Assumptions.assumeTrue(Credentials.effectiveUid() == 0, "only root can give a file away");
        Path file = write(rule("'user':1,'methods':['*'],'paths':['/']"));
        Files.setAttribute(file, "unix:uid", 65_534);
        assertEquals("belongs to user 65534, but must belong to root or to the user that starts the server",
            problem(file));
    }
}
