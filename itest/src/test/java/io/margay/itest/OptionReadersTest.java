// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.margay.action.returns.ReturnActionFactory;
import io.margay.action.share.ShareActionFactory;
import io.margay.conf.ConfObject;
import io.margay.filter.headers.HeaderFilterFactory;
import io.margay.http.Fields;
import io.margay.http.HttpSettings;
import io.margay.isolation.Account;
import io.margay.isolation.Isolation;
import io.margay.isolation.Server;
import io.margay.lang.AppSpec;
import io.margay.lang.Launch;
import io.margay.listen.TlsOptions;
import io.margay.route.Extensions;
import io.margay.route.SectionContext;
import io.margay.route.SettingsReader;
import io.margay.route.TargetFactory;
import io.margay.route.Targets;
import io.margay.schema.Option;
import io.margay.schema.SchemaRegistry;
import io.margay.testing.RouteSite;
import io.margay.testing.SchemaFiles;
import java.io.IOException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Each option that a bundle of the distribution says to read makes a difference to what that bundle makes of a
 * configuration. A new option needs a line here.
 */
class OptionReadersTest {
    private static final String[] FIELDS = {"Host: h.x\r\n", "A: b\r\n", "Cookie: c=d\r\n"};

    @TempDir
    private static Path directory;

    /** Option of a match, a value that holds for the request and one that does not. */
    private static final String MATCHES = """
        if             '1'                   '0'
        scheme         'http'                'https'
        host           'h.x'                 'y'
        uri            '/p*'                 '/no'
        method         'GET'                 'PUT'
        query          'q=1'                 'q=2'
        source         'unix'                '1.2.3.4'
        destination    'unix'                '1.2.3.4'
        headers/*/*    [{'A':'b'}]           [{'A':'c'}]
        arguments/*/*  [{'q':'1'}]           [{'q':'2'}]
        cookies/*/*    [{'c':'d'}]           [{'c':'e'}]
        """;

    /** Option of an action, and two actions that are to be told apart by their responses. */
    private static final String ACTIONS = """
        /rewrite                  {'rewrite':'/a.txt','share':'DIR$uri'}  {'rewrite':'/b.txt','share':'DIR$uri'}
        <pass>/pass               {'pass':'applications/one'}   {'pass':'applications/two'}
        <return>/return           {'return':201}                {'return':202}
        <return>/location         {'return':301,'location':'/a'} {'return':301,'location':'/b'}
        <return>/body             {'return':200,'body':'a'}     {'return':200,'body':'b'}
        <return>/content_type     {'return':200,'body':''} {'return':200,'body':'','content_type':'text/html'}
        /response_headers/* {'return':200,'response_headers':{'X':'1'}} {'return':200,'response_headers':{'X':'2'}}
        <share>/share             {'share':'DIR/a.txt'}         {'share':'DIR/b.txt'}
        <share>/index             {'share':'DIR/','index':'a.txt'} {'share':'DIR/','index':'b.txt'}
        <share>/types             {'share':'DIR/a.txt','types':'text/*'} {'share':'DIR/a.txt','types':'image/*'}
        <share>/chroot            {'share':'DIR/a.txt','chroot':'DIR'} {'share':'DIR/a.txt','chroot':'DIR/sub'}
        <share>/follow_symlinks   {'share':'DIR/link.txt'}      {'share':'DIR/link.txt','follow_symlinks':false}
        <share>/precompressed     {'share':'DIR/a.txt'}         {'share':'DIR/a.txt','precompressed':true}
        <share>/traverse_mounts   {'share':'/proc/version'}     {'share':'/proc/version','traverse_mounts':false}
        """;

    /** Member of an application object, and two values. */
    private static final String APPLICATIONS = """
        /type                             'python'       'perl'
        /limits/timeout                   1              2
        /limits/start_timeout             1              2
        /limits/stop_timeout              1              2
        /limits/response_head             2000           3000
        /limits/requests                  1              2
        /limits/shm                       1              2
        /processes                        1              2
        /processes/max                    {'max':1}      {'max':2}
        /processes/spare                  {'max':2}      {'max':2,'spare':1}
        /processes/idle_timeout           {'idle_timeout':1} {'idle_timeout':2}
        /environment/*                    {'A':'b'}      {'A':'c'}
        /user                             'one'          'two'
        /group                            'one'          'two'
        /working_directory                '/a'           '/b'
        /stdout                           '/a'           '/b'
        /stderr                           '/a'           '/b'
        /isolation/namespaces/cgroup      true           false
        /isolation/namespaces/credential  true           false
        /isolation/namespaces/mount       true           false
        /isolation/namespaces/network     true           false
        /isolation/namespaces/pid         true           false
        /isolation/namespaces/uname       true           false
        /isolation/uidmap/*/container     [{'container':0,'host':0,'size':9}] [{'container':1,'host':0,'size':9}]
        /isolation/uidmap/*/host          [{'container':0,'host':0,'size':9}] [{'container':0,'host':1,'size':9}]
        /isolation/uidmap/*/size          [{'container':0,'host':0,'size':9}] [{'container':0,'host':0,'size':8}]
        /isolation/gidmap/*/container     [{'container':0,'host':0,'size':9}] [{'container':1,'host':0,'size':9}]
        /isolation/gidmap/*/host          [{'container':0,'host':0,'size':9}] [{'container':0,'host':1,'size':9}]
        /isolation/gidmap/*/size          [{'container':0,'host':0,'size':9}] [{'container':0,'host':0,'size':8}]
        /isolation/rootfs                 '/a'           '/b'
        /isolation/automount/language_deps true          false
        /isolation/automount/tmpfs        true           false
        /isolation/automount/procfs       true           false
        /isolation/new_privs              true           false
        /isolation/cgroup/path            'a'            'b'
        """;

    /** Options of listeners and settings, and two values. */
    private static final String OTHERS = """
        /listeners/*/pass                          'applications/one'  'applications/two'
        /listeners/*/application                   'one'               'two'
        /listeners/*/tls/certificate               'a'                 'b'
        /listeners/*/tls/certificate/*             ['a']               ['b']
        /listeners/*/tls/client/ca                 'a'                 'b'
        /listeners/*/tls/client/verify             'optional'          'request'
        /listeners/*/tls/client/depth              1                   2
        /listeners/*/tls/client/revocation         'chain'             'off'
        /listeners/*/tls/stapling                  true                'http://x'
        /listeners/*/tls/conf_commands/*           {'a':'b'}           {'a':'c'}
        /listeners/*/tls/session/cache_size        1                   2
        /listeners/*/tls/session/timeout           1                   2
        /listeners/*/tls/session/tickets           true                false
        /settings/http/header_read_timeout         1                   2
        /settings/http/body_read_timeout           1                   2
        /settings/http/send_timeout                1                   2
        /settings/http/body_min_rate               1                   2
        /settings/http/send_min_rate               1                   2
        /settings/http/idle_timeout                1                   2
        /settings/http/large_header_buffer_size    1                   2
        /settings/http/large_header_buffers        1                   2
        /settings/http/body_buffer_size            1                   2
        /settings/http/body_temp_path              '/a'                '/b'
        /settings/http/max_body_size               1                   2
        /settings/http/max_response_header_size    1                   2
        /settings/http/discard_unsafe_fields       true                false
        /settings/http/log_route                   true                false
        /settings/http/server_version              true                false
        /settings/http/chunked_transform           true                false
        /settings/http/websocket/max_frame_size    1                   2
        /settings/http/websocket/read_timeout      1                   2
        /settings/http/websocket/keepalive_interval 1                  2
        /settings/http/websocket/compression       true                false
        /settings/http/websocket/context_takeover  true                false
        /settings/http/static/mime_types/*         {'a/b':'.txt'}      {'c/d':'.txt'}
        """;

    /** What the sources of the core read by name, with the tests of running servers that show it. */
    private static final Map<String, String> BY_NAME = Map.of(
        "/listeners/*/backlog", "io.margay.router",
        "/listeners/*/enabled", "io.margay.router",
        "/listeners/*/proxy_protocol/source", "io.margay.route",
        "/applications/*/enabled", "io.margay.router",
        "/applications/*<http>/concurrency", "io.margay.lang",
        "/applications/*<http>/ready", "io.margay.wire.http",
        "/applications/*<node>/concurrency", "io.margay.lang",
        "/applications/*<node>/ready", "io.margay.wire.http",
        "/settings/listen_threads", "io.margay.router");
    /** Taken from configurations of Unit; their descriptions and {@code unitctl check} say that they have no effect. */
    private static final Set<String> OF_NO_EFFECT = Set.of("/applications/*<java>/unit_jars");
    private static final Pattern EXTENSION = Pattern.compile("kind=([a-z]+); ?name=\"?([^;\"]+)");

    private static Stream<String[]> rows(String table) {
        return table.lines().map(line -> line.strip().split(" +")).peek(row -> assertEquals(3, row.length, row[0]));
    }

    private static String routes(boolean named, String steps) {
        return "{'listeners': {'*:80': {'pass': 'routes" + (named ? "/r" : "") + "'}}, 'routes': "
            + (named ? "{'r': [" + steps + "]}" : "[" + steps + "]") + "}";
    }

    private static Extensions.Builder extensions() {
        return Extensions.builder().add(new ReturnActionFactory(), RouteSite.ORIGIN)
            .add(new ShareActionFactory(), RouteSite.ORIGIN).add(new HeaderFilterFactory(), RouteSite.ORIGIN)
            .host("/listeners/*/tls").add(new TargetFactory() {
                @Override
                public String kind() {
                    return "applications";
                }

                @Override
                public Targets compile(SectionContext context) {
                    return (name, target) -> Optional.of(e -> e.respond(200, Fields.NONE,
                        name.orElse("").getBytes(StandardCharsets.US_ASCII)));
                }
            }, RouteSite.ORIGIN);
    }

    private static String answer(String configuration) {
        return new RouteSite(extensions(), RouteSite.conf(configuration.replace("DIR", directory.toString())))
            .ask("GET", "/p?q=1", FIELDS)
            // The files of /proc are as old as the kernel's memory of them, which may go at any time.
            .replaceAll("\r\n(ETag|Last-Modified): [^\r]*", "");
    }

    /** {@code /a/b/*} and a value, from the root: {@code {'a': {'b': VALUE}}}. */
    private static String nested(String path, String value, String rest) {
        String[] names = path.replaceAll("map/\\*/[a-z]+$", "map").replaceAll("/\\*$", "")
            .replaceAll("processes/[a-z_]+$", "processes").substring(1).split("/");
        StringBuilder text = new StringBuilder(value);
        for (int i = names.length - 1; i >= 0; i--) {
            text.insert(0, "{'" + (names[i].equals("*") ? "*:80" : names[i]) + "': ").append('}');
        }
        return rest.isEmpty() ? text.toString() : text.insert(1, rest + ", ").toString();
    }

    private static String values(Object object, Class<?> type) {
        Map<String, String> values = new TreeMap<>();
        for (Method method : type.getDeclaredMethods()) {
            int modifiers = method.getModifiers();
            boolean text = method.getName().matches("toString|hashCode|conf|change");
            if (method.getParameterCount() == 0 && Modifier.isPublic(modifiers) && !Modifier.isStatic(modifiers)
                && !text) {
                try {
                    values.put(method.getName(), String.valueOf(method.invoke(object)));
                } catch (ReflectiveOperationException e) {
                    throw new IllegalStateException(e);
                }
            }
        }
        return values.toString().replaceAll("\\[I@[0-9a-f]+", "");
    }

    private static String application(String member, String value) {
        boolean type = member.equals("/type");
        ConfObject conf = RouteSite.conf(nested(member, value, type ? "" : "'type': 'python', 'module': 'm'"));
        AppSpec app = new AppSpec("app", conf);
        // Ids are mapped in a namespace of credentials only.
        ConfObject mapped = member.contains("map/") ? RouteSite.conf(nested(member, value, "")
            .replace("{'isolation': {", "{'isolation': {'namespaces': {'credential': true}, ")) : conf;
        Isolation isolation = Isolation.parse("app", mapped, new Server("nobody", "", true, true, 0, 0, true),
            (user, group) -> new Account(user + "/" + group, 1, 1, new int[] {1}));
        Launch launch = Launch.builder(Map.of()).argv("x").configured(app).build();
        return values(app, AppSpec.class) + values(isolation, Isolation.class) + isolation.account().user()
            + launch.environment();
    }

    private static String other(String path, String value) {
        String conf = nested(path, value, "");
        if (path.contains("/tls/")) {
            return String.valueOf(TlsOptions.of(RouteSite.conf(conf).object("listeners").orElseThrow().object("*:80")
                .orElseThrow()));
        }
        if (path.contains("/static/")) {
            return answer("{'listeners': {'*:80': {'pass': 'routes'}}, 'routes': [{'action': {'share': 'DIR/a.txt'}}], "
                + conf.substring(1));
        }
        return path.startsWith("/listeners") ? answer(conf)
            : values(SettingsReader.read(RouteSite.conf(conf), "/tmp"), HttpSettings.class);
    }

    /** What was seen to make a difference. */
    private static Set<String> observed() {
        Map<String, String[]> differences = new HashMap<>();
        for (boolean named : new boolean[] {false, true}) {
            String place = named ? "/routes/*/*" : "/routes/*";
            rows(MATCHES).forEach(row -> differences.put(place + "/match/" + row[0], Stream.of(row[1], row[2], row[1])
                .map(value -> answer(routes(named, "{'match': {'" + row[0].split("/")[0] + "': " + value
                    + "}, 'action': {'return': 201}}"))).toArray(String[]::new)));
            differences.put(place + "/enabled", Stream.of("true", "false", "true").map(value ->
                answer(routes(named, "{'enabled': " + value + ", 'action': {'return': 201}}"))).toArray(String[]::new));
            rows(ACTIONS).forEach(row -> differences.put(place + "/action" + row[0], Stream.of(row[1], row[2], row[1])
                .map(action -> answer(routes(named, "{'action': " + action + "}"))).toArray(String[]::new)));
        }
        rows(APPLICATIONS).forEach(row -> differences.put("/applications/*" + row[0], Stream.of(row[1], row[2], row[1])
            .map(value -> application(row[0], value)).toArray(String[]::new)));
        rows(OTHERS).forEach(row -> differences.put(row[0], Stream.of(row[1], row[2], row[1])
            .map(value -> other(row[0], value)).toArray(String[]::new)));
        differences.forEach((path, seen) -> {
            assertNotEquals(seen[0], seen[1], path + " makes no difference");
            assertEquals(seen[0], seen[2], path + " differs with one value");
        });
        return differences.keySet();
    }

    /** Which bundle is which reader, as their manifests say: {@code action:share} and so on. */
    private static Map<String, String> bundles() throws IOException {
        Map<String, String> bundles = new HashMap<>();
        try (Stream<Path> found = Files.list(SchemaFiles.bundles())) {
            for (Path bundle : found.filter(path -> Files.exists(path.resolve("bnd.bnd"))).toList()) {
                Matcher extension = EXTENSION.matcher(Files.readString(bundle.resolve("bnd.bnd")));
                while (extension.find()) {
                    bundles.put(extension.group(1) + ":" + extension.group(2), bundle.getFileName().toString());
                }
            }
        }
        return bundles;
    }

    /** Whether the sources of a bundle, what runs in its workers included, read an option by its name. */
    private static boolean namedIn(String bundle, String option) throws IOException {
        try (Stream<Path> files = Files.walk(SchemaFiles.bundles().resolve(bundle).resolve("src/main"))) {
            for (Path file : files.filter(f -> f.toString().matches(".*\\.(java|py|pm|pl|rb|php|[cm]?js)")).toList()) {
                String code = Files.readString(file);
                if (code.contains("(\"" + option + "\"") || code.contains("[\"" + option + "\"]")
                    || code.contains("{" + option + "}") || code.contains("\"" + option + "\"")
                    || code.contains("." + option + "()")) {
                    return true;
                }
            }
        }
        return false;
    }

    @Test
    void eachOptionMakesADifferenceToItsReader() throws IOException {
        Files.writeString(directory.resolve("a.txt"), "one");
        Files.writeString(directory.resolve("b.txt"), "another");
        Files.createDirectory(directory.resolve("sub"));
        Files.createSymbolicLink(directory.resolve("link.txt"), Path.of("a.txt"));
        Set<String> observed = observed();
        SchemaRegistry registry = new SchemaRegistry();
        SchemaFiles.all().forEach(registry::put);
        Map<String, String> bundles = bundles();
        Set<String> unproven = new TreeSet<>();
        int options = 0;
        for (Option option : registry.current().options()) {
            options++;
            Optional<String> bundle = Optional.ofNullable(BY_NAME.get(option.path()))
                .or(() -> Optional.ofNullable(bundles.get(option.reader().orElseThrow())));
            if (!observed.contains(option.path()) && !(bundle.isPresent() && namedIn(bundle.get(), option.name()))) {
                unproven.add(option.path());
            }
        }
        assertEquals(OF_NO_EFFECT, unproven);
        assertTrue(options > 400, "options: " + options);
    }

    /** What is in a table and no option any more goes. */
    @Test
    void theTablesNameOptions() {
        SchemaRegistry registry = new SchemaRegistry();
        SchemaFiles.all().forEach(registry::put);
        List<String> paths = registry.current().options().stream().map(Option::path).toList();
        rows(APPLICATIONS).forEach(row -> assertTrue(paths.contains("/applications/*" + row[0]), row[0]));
        rows(OTHERS).forEach(row -> assertTrue(paths.contains(row[0]), row[0]));
        rows(MATCHES).forEach(row -> assertTrue(paths.contains("/routes/*/match/" + row[0]), row[0]));
        rows(ACTIONS).forEach(row -> assertTrue(paths.contains("/routes/*/action" + row[0]), row[0]));
    }
}
