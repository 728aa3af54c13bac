// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.launcher.CommandLine;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The commands. Each returns the exit code: 0 done, 1 refused by the server or not reached, 2 wrong usage. */
@Command(name = "unitctl", synopsisSubcommandLabel = "COMMAND",
    description = "Reads and changes the configuration of a running server.",
    exitCodeListHeading = "%nExit codes:%n",
    exitCodeList = {"0:done", "1:refused by the server, or no server", "2:wrong usage"})
final class Unitctl {
    private static final byte[] NOTHING = {};

    @Option(names = {"-h", "--help"}, usageHelp = true, description = "shows this")
    private boolean help;

    @Option(names = {"-s", "--control"}, paramLabel = "ADDRESS",
        description = "the control socket: unix:/path or host:port; default: the one of the distribution")
    private String control;

    @Option(names = "--wait", paramLabel = "SECONDS", defaultValue = "0",
        description = "try so long while no server listens")
    private int wait;

    /** Runs one command. */
    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    static int execute(String... arguments) {
        picocli.CommandLine commands = new picocli.CommandLine(new Unitctl());
        commands.setExecutionExceptionHandler((failure, command, result) -> {
            command.getErr().println("unitctl: " + failure.getMessage());
            return 1;
        });
        return commands.execute(arguments);
    }

    @Command(description = "Shows connections, requests and applications.")
    int status() throws IOException {
        return get("/status");
    }

    @Command(description = "Shows the listeners.")
    int listeners() throws IOException {
        return get("/config/listeners");
    }

    @Command(name = "apps", description = "Shows the applications.")
    int applications() throws IOException {
        return get("/config/applications");
    }

    @Command(description = "Shows what stands at a path.")
    int get(@Parameters(paramLabel = "PATH", description = "for example /config/listeners") String path)
            throws IOException {
        return show(client().send("GET", path, NOTHING));
    }

    @Command(description = "Sets what stands at a path.")
    int put(@Parameters(paramLabel = "PATH") String path,
            @Parameters(paramLabel = "FILE", defaultValue = "-", description = "- is standard input") String file)
            throws IOException {
        return show(client().send("PUT", path, content(file)));
    }

    @Command(description = "Appends to the array at a path.")
    int post(@Parameters(paramLabel = "PATH") String path,
            @Parameters(paramLabel = "FILE", defaultValue = "-", description = "- is standard input") String file)
            throws IOException {
        return show(client().send("POST", path, content(file)));
    }

    @Command(description = "Removes what stands at a path.")
    int delete(@Parameters(paramLabel = "PATH") String path) throws IOException {
        return show(client().send("DELETE", path, NOTHING));
    }

    @Command(description = "Starts new processes for an application and lets the old ones finish.")
    int restart(@Parameters(paramLabel = "NAME") String name) throws IOException {
        return get("/control/applications/" + encode(name) + "/restart");
    }

    @Command(description = "Opens the configuration in $VISUAL or $EDITOR and applies what was changed.")
    int edit(@Parameters(paramLabel = "PATH", defaultValue = "/config") String path)
            throws IOException, InterruptedException {
        Reply before = client().send("GET", path, NOTHING);
        if (!before.ok()) {
            return show(before);
        }
        Editor editor = Editor.ofUser();
        Path file = editor.open(before.body());
        editor.edit(file);
        String text = Files.readString(file);
        if (text.equals(before.body())) {
            Files.delete(file);
            System.err.println("unitctl: nothing changed");
            return 0;
        }
        Reply after = client().send("PUT", path, text.getBytes(StandardCharsets.UTF_8));
        if (after.ok()) {
            Files.delete(file);
        } else {
            System.err.println("unitctl: your text is kept in " + file);
        }
        return show(after);
    }

    private ControlClient client() throws IOException {
        String address = control;
        if (address == null) {
            address = CommandLine.defaults(Path.of(System.getProperty("margay.home"))).control();
        }
        return new ControlClient(address, Duration.ofSeconds(wait));
    }

    private static byte[] content(String file) throws IOException {
        return file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
    }

    private static String encode(String name) {
        return URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private static int show(Reply reply) {
        String end = reply.body().endsWith("\n") ? "" : "\n";
        (reply.ok() ? System.out : System.err).print(reply.body() + end);
        return reply.ok() ? 0 : 1;
    }
}
