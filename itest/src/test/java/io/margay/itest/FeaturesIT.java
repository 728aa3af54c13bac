// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import static org.junit.Assert.assertEquals;
import static org.junit.Assert.assertNotNull;
import static org.ops4j.pax.exam.CoreOptions.bundle;
import static org.ops4j.pax.exam.CoreOptions.composite;
import static org.ops4j.pax.exam.CoreOptions.frameworkProperty;
import static org.ops4j.pax.exam.CoreOptions.junitBundles;
import static org.ops4j.pax.exam.CoreOptions.options;
import static org.ops4j.pax.exam.CoreOptions.systemProperty;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
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
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/** Each feature in a framework of its own: every bundle resolves and starts, and the role is there. */
@RunWith(PaxExam.class)
public class FeaturesIT {
    private static final Pattern BUNDLE = Pattern.compile(
        "\"id\": \"([^:\"]+):([^:\"]+):([^:\"]+)\"(?:, \"start-order\": (\\d+))?");
    private static final String ROLE = "margay.it.role";

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
        bundles(role).forEach((jar, order) -> bundles.add(
            bundle("reference:file:" + Distribution.HOME.resolve("system").resolve(jar)).start(order > 0)));
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
            composite(bundles.toArray(Option[]::new)), systemProperty(ROLE).value(role),
            systemProperty("org.ops4j.pax.logging.DefaultServiceLog.level").value("WARN"));
    }

    /** {@return the start order of the jars of a role; 0 for those that are only installed} */
    private static Map<String, Integer> bundles(String role) throws IOException {
        String text = Files.readString(Distribution.HOME.resolve("features/" + role + ".json"));
        Matcher matcher = BUNDLE.matcher(text.substring(text.indexOf("\"bundles\"")));
        Map<String, Integer> bundles = new LinkedHashMap<>();
        while (matcher.find()) {
            String order = matcher.group(4);
            int level = order == null ? 1 : Integer.parseInt(order);
            bundles.put(matcher.group(2) + "-" + matcher.group(3) + ".jar", level);
        }
        return bundles;
    }

    @Test
    public void everyBundleIsActive() throws IOException {
        Map<String, Integer> orders = bundles(System.getProperty(ROLE));
        List<String> not = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            boolean fragment = bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null;
            String jar = bundle.getLocation().substring(bundle.getLocation().lastIndexOf('/') + 1);
            if (!fragment && orders.getOrDefault(jar, 1) > 0 && bundle.getState() != Bundle.ACTIVE) {
                not.add(bundle.getSymbolicName());
            }
        }
        assertEquals(List.of(), not);
    }

    @Test
    public void theRoleIsOffered() throws InvalidSyntaxException {
        String role = System.getProperty(ROLE);
        ServiceReference<?>[] kinds = context.getServiceReferences("io.margay.process.ProcessKind",
            "(margay.kind=" + role + ")");
        assertNotNull(role, kinds);
        assertEquals(role, 1, kinds.length);
    }
}
