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

    /** The editions of the platform, with their interfaces in the bundle. */
    enum Edition {
        EE8("4.0", "jetty-servlet-api", "jetty-javax-websocket-api"),
        EE9("5.0", "jetty-jakarta-servlet-api", "jetty-jakarta-websocket-api"),
        EE10("6.0", "jakarta.servlet-api", "jakarta.websocket-api", "jakarta.websocket-client-api");

        private final String servlets;
        private final List<String> jars;

        Edition(String servlets, String... jars) {
            this.servlets = servlets;
            this.jars = List.of(jars);
        }

        /** {@return a source that is written for the newest, as it is for this one} */
        private String text(String source) {
            String text = this == EE8 ? source.replace("jakarta.servlet", "javax.servlet")
                .replace("jakarta.websocket", "javax.websocket")
                .replace("https://jakarta.ee/xml/ns/jakartaee", "http://xmlns.jcp.org/xml/ns/javaee") : source;
            return text.replace("version=\"6.0\"", "version=\"" + servlets + "\"");
        }
    }

    private WebApps() {
    }

    /** {@return a directory with the compiled application} */
    static Path directory(TestServer server, String name) throws IOException {
        return directory(server, name, Edition.EE10);
    }

    /** {@return the same for an edition; an older one has a servlet that only those can run} */
    static Path directory(TestServer server, String name, Edition edition) throws IOException {
        Path sources = server.app(name);
        String own = edition == Edition.EE10 ? name : name + "-" + edition;
        Path webapp = server.base().resolve("webapps").resolve(own);
        if (Files.exists(webapp)) {
            return webapp;
        }
        Path classes = Files.createDirectories(webapp.resolve("WEB-INF/classes"));
        Files.writeString(webapp.resolve("WEB-INF/web.xml"), edition.text(Files.readString(sources.resolve(
            "web.xml"))));
        if (Files.exists(sources.resolve("index.jsp"))) {
            Files.copy(sources.resolve("index.jsp"), webapp.resolve("index.jsp"));
        }
        Path copies = Files.createDirectories(server.base().resolve("sources").resolve(own));
        List<Path> files = new ArrayList<>();
        for (Path from : edition == Edition.EE10 ? List.of(sources)
                : List.of(sources, server.app(name + "-older"))) {
            try (Stream<Path> all = Files.list(from)) {
                for (Path file : all.filter(each -> each.toString().endsWith(".java")).toList()) {
                    files.add(Files.writeString(copies.resolve(file.getFileName()),
                        edition.text(Files.readString(file))));
                }
            }
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        try (StandardJavaFileManager manager = compiler.getStandardFileManager(null, null, null)) {
            List<String> options = List.of("--release", RELEASE, "-proc:none", "-d", classes.toString(), "-cp",
                String.join(":", interfaces(Files.createDirectories(copies.resolve("interfaces")), edition)));
            if (!compiler.getTask(null, manager, null, options, null, manager.getJavaFileObjectsFromPaths(files))
                    .call()) {
                throw new AssertionError("the application " + own + " does not compile");
            }
        }
        return webapp;
    }

    /** Copies a directory. */
    static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path target = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(target);
                } else {
                    Files.copy(file, target);
                }
            }
        }
    }

    private static List<String> interfaces(Path directory, Edition edition) throws IOException {
        List<String> jars = new ArrayList<>();
        try (ZipFile bundle = new ZipFile(bundle().toFile())) {
            for (String name : edition.jars) {
                Path jar = directory.resolve(name + ".jar");
                try (InputStream in = bundle.getInputStream(bundle.getEntry("jars/" + name + ".jar"))) {
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
