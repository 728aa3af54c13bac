// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.internal;

import io.margay.lang.Launch;
import io.margay.lang.WorkerJars;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The jars of the container: those of the class path, with the edition of today, and those of the two before it. A
 * worker gets all of them, since only the application's account can look into the application; they are shared, so that
 * costs descriptors and no memory.
 */
final class Containers implements AutoCloseable {

    /** Package of the program. */
    static final String RUNNER = "io.margay.lang.java.runner";

    /** Of the class path; in an older edition they work with the classes of that one. */
    private static final List<String> PAGES = List.of("mortbay-apache-jsp", "mortbay-apache-el", "jakarta.el-api",
        "jakarta.servlet.jsp-api");

    private final WorkerJars path = runner();
    private final WorkerJars ee8 = ee8();
    private final WorkerJars ee9 = ee9();

    /** A test compares the names with what was compiled. */
    static WorkerJars runner() {
        return new WorkerJars(Containers.class, RUNNER, List.of("Archive", "ClientFacts", "ClientFacts$Named",
            "ClientFacts$Told", "ClientFacts$Told$1", "Container", "Edition", "EditionLoader", "Ee10Context",
            "FailedAnswers", "RunnerOptions", "ServletMain", "ContainerTraining", "WebContext", "WebXml"),
            "container.txt");
    }

    static WorkerJars ee8() {
        return new WorkerJars(Containers.class, "io.margay.lang.java.ee8", List.of("Ee8Context"), "ee8.txt");
    }

    static WorkerJars ee9() {
        return new WorkerJars(Containers.class, "io.margay.lang.java.ee9", List.of("Ee9Context"), "ee9.txt");
    }

    /** Gives all to a worker, from that descriptor on; gives the class path. */
    String place(Launch.Builder launch, int first) {
        String classpath = path.place(launch, first);
        ee8.place(launch, first + path.size());
        ee9.place(launch, first + path.size() + ee8.size());
        return classpath;
    }

    /** Where an edition has its jars, by the name of the option that tells it to the runner. */
    Map<String, String> editions(int first) {
        int second = first + path.size();
        Map<String, String> editions = new LinkedHashMap<>();
        editions.put("ee8", ee8.paths(second, ee8.names()));
        editions.put("ee9", ee9.paths(second + ee8.size(), ee9.names()) + ":" + path.paths(first, PAGES));
        return editions;
    }

    /** The class path first, in the order of their descriptors. */
    List<WorkerJars> all() {
        return List.of(path, ee8, ee9);
    }

    @Override
    public void close() {
        all().forEach(WorkerJars::close);
    }
}
