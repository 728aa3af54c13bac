// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.nio.file.Path;
import java.util.Optional;

/** Short forms of {@code execute}, one for each method of HTTP. */
final class PathVerbs {
    private PathVerbs() {
    }

    /** What they share. */
    private abstract static class OnPath extends Verb {
        private final Argument<String> path = parameter(String.class, null, "PATH", "for example /config/listeners");
        private final Argument<Format> format = format();

        OnPath(Unitctl tool, String name, String description) {
            super(tool, name, description);
        }

        int send(String method) throws Exception {
            return showEach(format.value(), ToolRequest.of(method, path.value()));
        }

        int change(String method, byte[] body, ChangeOptions options) throws Exception {
            return onEach(format.value(), client -> {
                ServerReply reply = client.ask(ToolRequest.of(method, options.path(client, path.value()), body));
                options.remind(io());
                return Optional.of(value(client, reply));
            });
        }
    }

    /** Those with a body. */
    private abstract static class WithBody extends OnPath {
        private final Argument<String> file = parameter(String.class, "-", "FILE",
            "- is the standard input; .yaml and .yml are sent as JSON");
        private final ChangeOptions options = new ChangeOptions(this);

        WithBody(Unitctl tool, String name, String description) {
            super(tool, name, description);
        }

        int change(String method) throws Exception {
            byte[] bytes = ToolContent.read(file.value(), io());
            return change(method, ToolContent.isYaml(Path.of(file.value())) ? ToolContent.json(bytes) : bytes, options);
        }
    }

    /** Reads. */
    static final class Get extends OnPath {
        Get(Unitctl tool) {
            super(tool, "get", "Shows what stands at a path.");
        }

        @Override
        public Integer call() throws Exception {
            return send("GET");
        }
    }

    /** Replaces. */
    static final class Put extends WithBody {
        Put(Unitctl tool) {
            super(tool, "put", "Sets what stands at a path.");
        }

        @Override
        public Integer call() throws Exception {
            return change("PUT");
        }
    }

    /** Appends. */
    static final class Post extends WithBody {
        Post(Unitctl tool) {
            super(tool, "post", "Appends to the array at a path.");
        }

        @Override
        public Integer call() throws Exception {
            return change("POST");
        }
    }

    /** Removes. */
    static final class Delete extends OnPath {
        private final ChangeOptions options = new ChangeOptions(this);

        Delete(Unitctl tool) {
            super(tool, "delete", "Removes what stands at a path.");
        }

        @Override
        public Integer call() throws Exception {
            return change("DELETE", new byte[0], options);
        }
    }
}
