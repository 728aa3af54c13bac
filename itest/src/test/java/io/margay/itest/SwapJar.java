// SPDX-License-Identifier: Apache-2.0
package io.margay.itest;

import io.margay.itest.swap.SwapExtension;
import java.io.IOException;
import java.nio.file.Path;

/** The bundle of {@link SwapExtension}, in any version. */
final class SwapJar {
    static final String NAME = "io.margay.itest.swap";
    static final String CAPABILITIES = """
        io.margay.extension;kind=action;name=hold;api:Version="1.0",\
        io.margay.extension;kind=filter;name=mark;api:Version="1.0",\
        io.margay.extension;kind=observer;name=watch;api:Version="1.0",\
        io.margay.extension;kind=target;name=echo;api:Version="1.0",\
        io.margay.extension;kind=section;name="/counter";api:Version="1.0\"""";
    private static final String SCHEMA = """
        {"targets": {"echo": {"reader": "target:echo"}}, "extend": {
          "action": {
            "variants": {"hold": {"order": 90, "reader": "action:hold", "members": {"hold": {"type": "string"}}}},
            "members": {"mark": {"type": "boolean", "reader": "filter:mark"}}},
          "configuration": {"members": {"counter": {"type": "integer", "reader": "section:/counter"}}}}}
        """;

    private SwapJar() {
    }

    /**
     * Puts it into a modules directory.
     *
     * @param changes names and values of headers
     */
    static void put(Path file, String version, String... changes) throws IOException {
        ExtensionJar jar = new ExtensionJar(SwapExtension.class, NAME, version).schema(SCHEMA)
            .header("Import-Package",
                "org.osgi.framework,io.margay.route,io.margay.http,io.margay.conf,io.netty.buffer,io.netty.util")
            .header("Provide-Capability", CAPABILITIES);
        for (int i = 0; i < changes.length; i += 2) {
            jar.header(changes[i], changes[i + 1]);
        }
        jar.moveTo(file);
    }
}
