// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;

/** The Python sources of this bundle. */
final class Shim {

    /**
     * What the interpreter is started with: reads the runtime from the descriptor that the environment names, so that
     * neither the server's files nor a package need to exist inside the application's root. The length also makes room
     * for the process title, which is written over the arguments.
     */
    static final String BOOTSTRAP = "import json,os\n"
        + "init=json.loads(os.environ.pop(\"MARGAY_INIT\"))\n"
        + "with open(init[\"shim\"],\"rb\") as file:\n"
        + "    file.seek(0)\n"
        + "    source=file.read()\n"
        + "exec(compile(source,\"<margay>\",\"exec\"),{\"__name__\":\"margay\",\"INIT\":init})\n"
        + " ".repeat(128);

    private static final String[] PARTS = {"margay_port.py", "margay_wsgi.py", "margay_context.py",
        "margay_worker.py", "margay_prototype.py"};

    private Shim() {
    }

    /** The runtime: its parts in order, one module. */
    static byte[] runtime() {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (String part : PARTS) {
            all.writeBytes(read(part));
        }
        return all.toByteArray();
    }

    /** The program that tells version and mounts. */
    static byte[] probe() {
        return read("margay_probe.py");
    }

    private static byte[] read(String name) {
        try (InputStream in = Shim.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("the bundle lacks " + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
