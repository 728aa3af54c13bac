// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Configurations of applications against servers with and without privileges. */
class IsolationTest {

    private static final Server ROOT = new Server("unit", "unit", true, true, 0, 0, true);
    private static final Server PLAIN = new Server("unit", "unit", false, false, 500, 501, false);
    private static final String CREDENTIAL = "\"namespaces\": {\"credential\": true}";

    private static Isolation parse(Server server, String json) {
        try {
            ConfObject object = (ConfObject) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8));
            return Isolation.parse("blog", object, server, IsolationTest::account);
        } catch (ConfSyntaxException failure) {
            throw new AssertionError(failure);
        }
    }

    private static Account account(String user, String group) {
        int gid = group.isEmpty() ? 1001 : 2001;
        return switch (user) {
            case "root" -> new Account(user, 0, 0, new int[] {0});
            case "many" -> new Account(user, 1000, gid, new int[] {gid, 7, 8});
            case "missing" -> throw new IsolationException(Severity.ALERT,
                "getpwnam(\"missing\") failed, user \"missing\" not found");
            default -> new Account(user, 1000, gid, new int[] {gid});
        };
    }

    private static Arguments row(Server server, Severity severity, String text, String json) {
        return Arguments.of(server, severity, text, json.replace('\'', '"'));
    }

    private static String map(String name, String rows) {
        StringBuilder text = new StringBuilder("'" + name + "': [");
        for (String row : rows.split(",")) {
            String[] ids = row.split(":");
            text.append(text.charAt(text.length() - 1) == '[' ? "" : ",").append("{'container': ").append(ids[0])
                .append(", 'host': ").append(ids[1]).append(", 'size': ").append(ids[2]).append('}');
        }
        return text.append(']').toString();
    }

    private static String credential(String user, String... maps) {
        return "{'user': '" + user + "', 'isolation': {" + CREDENTIAL + ", " + String.join(", ", maps) + "}}";
    }

    static Stream<Arguments> refusals() {
        return Stream.concat(settings(), maps());
    }

    private static Stream<Arguments> settings() {
        return Stream.of(
            row(ROOT, Severity.ALERT, "getpwnam(\"missing\") failed, user \"missing\" not found",
                "{'user': 'missing'}"),
            row(PLAIN, Severity.ALERT, "cannot set user \"other\" for app \"blog\": missing capabilities",
                "{'user': 'other'}"),
            row(PLAIN, Severity.ALERT, "cannot set group \"other\" for app \"blog\": missing capabilities",
                "{'user': 'unit', 'group': 'other'}"),
            row(ROOT, Severity.ALERT, "unknown namespace flag: \"disk\"",
                "{'isolation': {'namespaces': {'disk': false}}}"),
            row(ROOT, Severity.ALERT, "The cgroup path \"\" is invalid.", "{'isolation': {'cgroup': {'path': ''}}}"),
            row(ROOT, Severity.ALERT, "The cgroup path \"a/../b\" is invalid.",
                "{'isolation': {'cgroup': {'path': 'a/../b'}}}"),
            row(ROOT, Severity.ALERT, "The cgroup path \"" + "x".repeat(4096) + "\" is too long.",
                "{'isolation': {'cgroup': {'path': '" + "x".repeat(4096) + "'}}}"),
            row(ROOT, Severity.ERROR, "rootfs requires an absolute path other than \"/\" but given \"/\"",
                "{'isolation': {'rootfs': '/'}}"),
            row(ROOT, Severity.ERROR, "rootfs requires an absolute path other than \"/\" but given \"\"",
                "{'isolation': {'rootfs': ''}}"),
            row(ROOT, Severity.ERROR, "rootfs requires an absolute path other than \"/\" but given \"srv/x\"",
                "{'isolation': {'rootfs': 'srv/x'}}"),
            row(ROOT, Severity.ERROR, "rootfs resolves to \"/\" but given \"/a/./..//\"",
                "{'isolation': {'rootfs': '/a/./..//'}}"),
            row(ROOT, Severity.ERROR, "rootfs resolves to \"/\" but given \"///\"",
                "{'isolation': {'rootfs': '///'}}"),
            row(ROOT, Severity.ERROR, "rootfs contains an embedded NUL but given \"/a?b\"",
                "{'isolation': {'rootfs': '/a\\u0000b'}}"),
            row(PLAIN, Severity.ERROR, "The \"rootfs\" field requires privileges", "{'isolation': {'rootfs': '/a'}}"),
            row(ROOT, Severity.ALERT, "clone map entry map error",
                "{'isolation': {" + CREDENTIAL + ", 'uidmap': [{'container': 1, 'host': 1}]}}"),
            row(ROOT, Severity.ALERT, "clone map entry map error",
                "{'isolation': {" + CREDENTIAL + ", 'uidmap': [7]}}"),
            row(ROOT, Severity.ALERT, "clone map entry map error", credential("app", map("gidmap", "1:-1:1"))),
            row(ROOT, Severity.ALERT, "clone map entry map error", credential("app", map("uidmap", "1:4294967296:1"))));
    }

    private static Stream<Arguments> maps() {
        return Stream.of(
            row(ROOT, Severity.ERROR, "\"uidmap\" is set but \"isolation.namespaces.credential\" is false or unset",
                "{'isolation': {" + map("uidmap", "1:1:1") + "}}"),
            row(ROOT, Severity.ERROR, "\"gidmap\" is set but \"isolation.namespaces.credential\" is false or unset",
                "{'isolation': {'namespaces': {'credential': false}, " + map("gidmap", "1:1:1") + "}}"),
            row(PLAIN, Severity.NOTICE, "\"uidmap\" field has 2 entries but unprivileged unit has a maximum of 1 map.",
                credential("app", map("uidmap", "1:500:1,2:500:1"))),
            row(PLAIN, Severity.NOTICE, "\"uidmap\" field has an entry for host uid 7 but unprivileged unit can only"
                + " map itself (uid 500) into child namespaces.", credential("app", map("uidmap", "1:7:1"))),
            row(ROOT, Severity.NOTICE, "\"uidmap\" field has no \"container\" entry for user \"app\" (uid 1000)",
                credential("app", map("uidmap", "0:0:1000"))),
            row(PLAIN, Severity.NOTICE, "unprivileged unit disallow supplementary groups for new namespace (user"
                + " \"many\" has 3 groups).", credential("many", map("uidmap", "1000:500:1"))),
            row(PLAIN, Severity.NOTICE, "\"gidmap\" field has 2 entries but unprivileged unit has a maximum of 1 map.",
                credential("app", map("gidmap", "1:500:1,2:500:1"))),
            row(PLAIN, Severity.ERROR, "\"gidmap\" field has an entry for host gid 7 but unprivileged unit can only"
                + " map itself (gid 501) into child namespaces.", credential("app", map("gidmap", "1001:7:1"))),
            row(PLAIN, Severity.ERROR, "\"gidmap\" field has an entry with \"size\": 2, but for unprivileged unit it"
                + " must be 1.", credential("app", map("gidmap", "1001:501:2"))),
            row(PLAIN, Severity.ERROR, "\"gidmap\" field has no \"container\" entry for gid 1001.",
                credential("app", map("gidmap", "1000:501:1"))),
            row(ROOT, Severity.ERROR, "\"gidmap\" field has no entries but user \"many\" has 3 suplementary groups.",
                credential("many", map("uidmap", "1000:1:1"))),
            row(ROOT, Severity.ERROR, "\"gidmap\" field has no \"container\" entry for gid 1001.",
                credential("app", map("uidmap", "0:0:2000"), map("gidmap", "0:0:1001"))),
            row(ROOT, Severity.ERROR, "\"gidmap\" field has missing suplementary gid mappings (found 2 out of 3).",
                credential("many", map("uidmap", "0:0:2000"), map("gidmap", "7:1:1,1001:1001:1"))));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void refused(Server server, Severity severity, String text, String json) {
        IsolationException failure = assertThrows(IsolationException.class, () -> parse(server, json));
        assertEquals(List.of(new Notice(severity, text)), failure.notices());
    }

    @Test
    void empty() {
        Isolation isolation = parse(ROOT, "{}");
        assertEquals("unit", isolation.account().user());
        assertEquals(1001, isolation.account().gid(), "the user's own group, whatever --group says");
        assertTrue(isolation.changesIds());
        assertTrue(isolation.newPrivileges());
        assertEquals(new Automount(true, true, true), isolation.automount());
        assertEquals(List.of(), isolation.uidMap());
        assertEquals(List.of(), isolation.notices());
    }

    @Test
    void everything() {
        Isolation isolation = parse(ROOT, """
            {"user": "many", "group": "staff", "working_directory": "/srv", "stdout": "/out", "stderr": "/err",
             "environment": {"B": "1", "A": "2"},
             "isolation": {"namespaces": {"credential": true, "pid": true, "mount": false},
              "uidmap": [{"container": 0, "host": 5, "size": 2000}],
              "gidmap": [{"container": 0, "host": 5, "size": 3000}],
              "rootfs": "/jail//", "automount": {"tmpfs": false}, "new_privs": false, "cgroup": {"path": "/a/b"}}}
            """);
        LaunchPlan.Builder builder = LaunchPlan.builder("x").program("/bin/x", List.of("x")).environment("A", "old");
        LaunchPlan plan = isolation.apply(builder, List.of(Mount.bind("/usr"))).build();
        assertEquals(EnumSet.of(Namespace.CREDENTIAL, Namespace.PID), plan.namespaces());
        assertEquals(List.of(new IdMap(0, 5, 2000)), plan.uidMap());
        assertEquals(List.of(new IdMap(0, 5, 3000)), plan.gidMap());
        assertEquals(Optional.of("/jail"), plan.root());
        assertEquals(List.of(Mount.bind("/usr")), plan.mounts());
        assertEquals(Optional.of("/a/b"), plan.cgroup());
        assertEquals(Map.of("A", "2", "B", "1"), plan.environment());
        assertEquals(Optional.of("/srv"), plan.directory());
        assertEquals(Optional.of("/out"), plan.stdout());
        assertEquals(Optional.of("/err"), plan.stderr());
        assertFalse(plan.newPrivileges());
        assertEquals(2001, plan.identity().orElseThrow().gid());
        assertArrayEquals(new int[] {2001, 7, 8}, plan.identity().orElseThrow().groups().orElseThrow());
        assertEquals(new Automount(true, false, true), isolation.automount());
        assertTrue(plan.hidesMounts());
    }

    @Test
    void defaultMapsOfAPrivilegedServer() {
        Isolation isolation = parse(ROOT, "{\"user\": \"many\", \"isolation\": {" + CREDENTIAL + "}}");
        assertEquals(List.of(new IdMap(1000, 1000, 1)), isolation.uidMap());
        assertEquals(List.of(new IdMap(1001, 1001, 1)), isolation.gidMap());
    }

    @Test
    void defaultMapsOfAnUnprivilegedServer() {
        Isolation isolation = parse(PLAIN, "{\"user\": \"many\", \"isolation\": {" + CREDENTIAL + "}}");
        assertEquals(List.of(new IdMap(1000, 500, 1)), isolation.uidMap());
        assertEquals(List.of(new IdMap(1001, 501, 1)), isolation.gidMap());
        LaunchPlan plan = isolation.apply(LaunchPlan.builder("x").program("/x", List.of("x")), List.of()).build();
        assertEquals(1000, plan.identity().orElseThrow().uid());
        assertTrue(plan.identity().orElseThrow().groups().isEmpty());
    }

    @Test
    void unprivilegedServerKeepsItsIds() {
        Isolation isolation = parse(PLAIN, "{\"user\": \"unit\", \"group\": \"unit\", \"stdout\": \"/x\"}");
        assertFalse(isolation.changesIds());
        assertEquals(500, isolation.account().uid());
        assertEquals(Optional.of("/x"), isolation.stdout(), "in the foreground too");
        LaunchPlan plan = isolation.apply(LaunchPlan.builder("x").program("/x", List.of("x")), List.of()).build();
        assertTrue(plan.identity().isEmpty());
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void rootUserInARootWithoutMountNamespace(boolean mount) {
        Isolation isolation = parse(ROOT, "{\"user\": \"root\", \"isolation\": {\"rootfs\": \"/jail\","
            + " \"namespaces\": {\"mount\": " + mount + "}}}");
        List<Notice> warning = List.of(new Notice(Severity.WARN,
            "setting user \"root\" with \"rootfs\" is unsafe without \"mount\" namespace isolation"));
        assertEquals(mount ? List.of() : warning, isolation.notices());
    }

    @Test
    void serverOfThisProcess() {
        Server server = Server.current("a", "b", true);
        assertEquals(io.margay.posix.Credentials.effectiveUid(), server.uid());
        assertEquals("a", server.user());
    }
}
