// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemPackage;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.inject.Inject;
import org.junit.Test;
import org.junit.runner.RunWith;
import org.ops4j.pax.exam.Configuration;
import org.ops4j.pax.exam.Option;
import org.ops4j.pax.exam.junit.PaxExam;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;

/** Each feature in a framework of its own: every bundle resolves and starts, and the role is there. */
@RunWith(PaxExam.class)
public class FeaturesIT {
    private static final Pattern ID = Pattern.compile("\"id\": \"([^:\"]+):([^:\"]+):([^:\"]+)\"");

    @Inject
    private BundleContext context;

    @Configuration
    public Option[] main() throws IOException {
        return feature("main");
    }

    @Configuration
    public Option[] controller() throws IOException {
        return feature("controller");
    }

    @Configuration
    public Option[] router() throws IOException {
        return feature("router");
    }

    private static Option[] feature(String role) throws IOException {
        List<Option> bundles = new ArrayList<>();
        String text = Files.readString(Distribution.HOME.resolve("features/" + role + ".json"));
        Matcher ids = ID.matcher(text.substring(text.indexOf("\"bundles\"")));
        while (ids.find()) {
            bundles.add(bundle("reference:file:" + Distribution.HOME.resolve("system")
                .resolve(ids.group(2) + "-" + ids.group(3) + ".jar")));
        }
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(Distribution.HOME.resolve("config/framework.properties"))) {
            properties.load(reader);
        }
        List<Option> settings = new ArrayList<>();
        for (Map.Entry<Object, Object> property : properties.entrySet()) {
            String name = (String) property.getKey();
            // The test's own bundles need start levels and packages of their own.
            if (!name.startsWith("org.osgi.framework.")) {
                settings.add(frameworkProperty(name).value(property.getValue()));
            }
        }
        return options(junitBundles(), composite(settings.toArray(Option[]::new)),
            composite(bundles.toArray(Option[]::new)), systemProperty("margay.it.role").value(role),
            systemProperty("org.ops4j.pax.logging.DefaultServiceLog.level").value("WARN"),
            systemPackage(properties.getProperty("org.osgi.framework.system.packages.extra")));
    }

    @Test
    public void everyBundleIsActive() {
        List<String> not = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            boolean fragment = bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null;
            if (!fragment && bundle.getState() != Bundle.ACTIVE) {
                not.add(bundle.getSymbolicName());
            }
        }
        assertEquals(List.of(), not);
    }

    @Test
    public void theRoleIsOffered() {
        assertNotNull(System.getProperty("margay.it.role"),
            context.getServiceReference("io.margay.launcher.Role"));
    }
}
