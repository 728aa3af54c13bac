// SPDX-License-Identifier: Apache-2.0
package io.margay.lang.python.internal;

import io.margay.lang.ShimSource;

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
        "margay_scope.py", "margay_asgi.py", "margay_socket.py", "margay_lifespan.py", "margay_loop.py",
        "margay_application.py", "margay_worker.py", "margay_prototype.py"};

    private Shim() {
    }

    /** The runtime: its parts in order, one module. */
    static byte[] runtime() {
        return ShimSource.read(Shim.class, PARTS);
    }

    /** The program that tells version and mounts. */
    static byte[] probe() {
        return ShimSource.read(Shim.class, "margay_probe.py");
    }
}
