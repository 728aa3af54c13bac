// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.launcher.CommandLine;
import io.margay.launcher.Launch;
import io.margay.launcher.RoleCommand;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/** The context of a process whose framework the launcher's main class has started. */
public final class LaunchContext implements ProcessContext {

    private final Launch launch;
    private final Options options;

    /** Shows a launch as a context. */
    public LaunchContext(Launch launch) {
        this.launch = launch;
        this.options = new Options(launch.commandLine());
    }

    @Override
    public String kind() {
        return launch.role();
    }

    @Override
    public String program() {
        return launch.program();
    }

    @Override
    public List<String> arguments() {
        return launch.arguments();
    }

    @Override
    public ServerOptions options() {
        return options;
    }

    @Override
    public Optional<String> init() {
        return launch.init();
    }

    @Override
    public Path home() {
        return launch.home();
    }

    @Override
    public Path directory() {
        return launch.directory();
    }

    @Override
    public boolean training() {
        return launch.training();
    }

    @Override
    public OptionalInt statusDescriptor() {
        return launch.statusDescriptor();
    }

    @Override
    public void ready() {
        launch.ready();
    }

    @Override
    public ChildCommand command(ProcessType type) {
        RoleCommand command = launch.command(type.feature().orElseThrow());
        Map<String, String> environment = new LinkedHashMap<>();
        for (String line : command.environment("")) {
            int equals = line.indexOf('=');
            environment.put(line.substring(0, equals), line.substring(equals + 1));
        }
        environment.remove(RoleCommand.INIT);
        return new ChildCommand(command.executable(), command.argv(), environment);
    }

    @Override
    public Map<String, String> userEnvironment() {
        return RoleCommand.userEnvironment();
    }

    @Override
    public void forget(int pid) {
        RoleCommand.forget(pid);
    }

    @Override
    public void exit(int code) {
        launch.exit(code);
    }

    /** The command line as options. */
    private record Options(CommandLine line) implements ServerOptions {

        @Override
        public String control() {
            return line.control();
        }

        @Override
        public int controlMode() {
            return line.controlMode();
        }

        @Override
        public Optional<String> controlUser() {
            return line.controlUser();
        }

        @Override
        public Optional<String> controlGroup() {
            return line.controlGroup();
        }

        @Override
        public String controlPolicy() {
            return line.controlPolicy();
        }

        @Override
        public boolean controlPolicyGiven() {
            return line.controlPolicyGiven();
        }

        @Override
        public String pid() {
            return line.pid();
        }

        @Override
        public String log() {
            return line.log();
        }

        @Override
        public String modulesDirectory() {
            return line.modulesDirectory();
        }

        @Override
        public String stateDirectory() {
            return line.stateDirectory();
        }

        @Override
        public Optional<String> importDirectory() {
            return line.importDirectory();
        }

        @Override
        public String temporaryDirectory() {
            return line.temporaryDirectory();
        }

        @Override
        public String user() {
            return line.user();
        }

        @Override
        public Optional<String> group() {
            return line.group();
        }
    }
}
