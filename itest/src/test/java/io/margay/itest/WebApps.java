// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/** Web applications made of the sources in {@code src/test/apps}, by the interfaces that the container brings. */
final class WebApps {

    /** Those of Java 17, since runtimes of that version are to run them. */
    private static final String RELEASE = "17";

    private WebApps() {
    }

    /** {@return a directory with the compiled application} */
    static Path directory(TestServer server, String name) throws IOException {
        Path sources = server.app(name);
        Path webapp = Files.createDirectories(server.base().resolve("webapps").resolve(name));
        Path classes = Files.createDirectories(webapp.resolve("WEB-INF/classes"));
        Files.copy(sources.resolve("web.xml"), webapp.resolve("WEB-INF/web.xml"));
        Files.copy(sources.resolve("index.jsp"), webapp.resolve("index.jsp"));
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        List<Path> files;
        try (Stream<Path> all = Files.list(sources)) {
            files = all.filter(file -> file.toString().endsWith(".java")).toList();
        }
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("--release", RELEASE, "-proc:none", "-d", classes.toString(), "-cp",
                String.join(":", interfaces(server.base().resolve("interfaces"))));
            if (!compiler.getTask(null, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call()) {
                throw new AssertionError("the application " + name + " does not compile");
            }
        }
        return webapp;
    }

    private static List<String> interfaces(Path directory) throws IOException {
        Files.createDirectories(directory);
        List<String> jars = new ArrayList<>();
        try (ZipFile bundle = new ZipFile(bundle().toFile())) {
            for (ZipEntry entry : bundle.stream().filter(each -> each.getName().startsWith("jars/jakarta.")).toList()) {
                Path jar = directory.resolve(entry.getName().substring("jars/".length()));
                try (InputStream in = bundle.getInputStream(entry)) {
                    Files.copy(in, jar);
                }
                jars.add(jar.toString());
            }
        }
        return jars;
    }

    private static Path bundle() throws IOException {
        try (Stream<Path> modules = Files.list(Distribution.HOME.resolve("modules"))) {
            return modules.filter(file -> file.getFileName().toString().startsWith("io.margay.lang.java"))
                .findFirst().orElseThrow();
        }
    }

    /** {@return an archive of a directory, beside it} */
    static Path archive(Path webapp) throws IOException {
        Path archive = webapp.resolveSibling(webapp.getFileName() + ".war");
        try (OutputStream out = Files.newOutputStream(archive); ZipOutputStream zip = new ZipOutputStream(out);
                Stream<Path> files = Files.walk(webapp)) {
            for (Path file : files.filter(Files::isRegularFile).toList()) {
                zip.putNextEntry(new ZipEntry(webapp.relativize(file).toString()));
                Files.copy(file, zip);
                zip.closeEntry();
            }
        }
        return archive;
    }
}
