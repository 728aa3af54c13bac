// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.java.runner;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.util.resource.Resource;
import org.eclipse.jetty.util.resource.ResourceFactory;

/** Makes the handler of a web application in one edition; public for those editions that have a loader of their own. */
@FunctionalInterface
public interface WebContext {

    /** Packages of what runs the application and is not for it to see. */
    List<String> HIDDEN = List.of("org.slf4j.", "org.objectweb.asm.", "org.eclipse.jdt.", "io.margay.lang.java.");

    /**
     * Makes it; nothing of the application runs yet.
     *
     * @throws Exception when the application is not where it is said to be
     */
    Handler open(RunnerOptions options) throws Exception;

    /** The further class path of an application. */
    static List<Resource> classpath(RunnerOptions options, ResourceFactory files) throws IOException {
        List<Resource> classpath = new ArrayList<>();
        for (String entry : options.classpath()) {
            Resource resource = files.newResource(entry);
            if (resource == null) {
                throw new FileNotFoundException("\"classpath\" entry " + entry + " does not exist");
            }
            classpath.add(resource);
        }
        return classpath;
    }
}
