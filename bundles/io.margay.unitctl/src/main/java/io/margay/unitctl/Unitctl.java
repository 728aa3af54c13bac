// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine;

/** The command line. Names and short options are those of Unit's tool of that name, where it has them. */
final class Unitctl extends Verb {
    private static final int MAX_WAIT = 86_400;
    private static final int WAIT_TRIES = 3;
    private static final int TIMEOUT = 120;

    private final Io io;
    private final Argument<String[]> addresses = addresses();
    private final Argument<Integer> waitSeconds = option(Integer.class, 0, "SECONDS",
        "try so long while no server listens", "-w", "--wait-timeout-seconds");
    private final Argument<Integer> waitTries = option(Integer.class, WAIT_TRIES, "N",
        "wait so many times at most", "-t", "--wait-max-tries");
    private final Argument<Integer> timeout = option(Integer.class, TIMEOUT, "SECONDS",
        "how long an answer may take", "--timeout");

    Unitctl(Io io) {
        super(null, "unitctl", "Shows and changes the configuration of running servers.");
        this.io = io;
        add(new InstancesVerb(this));
        add(new StatusVerb(this));
        add(new TopVerb(this));
        add(new ListenersVerb(this));
        add(new AppsVerb(this));
        add(new ProcessVerb(this));
        add(new EditVerb(this));
        add(new ImportVerb(this));
        add(new ExportVerb(this));
        add(new ExecuteVerb(this));
        add(new RevisionsVerb(this));
        add(new ModuleVerb(this));
        add(new ConfirmVerb(this));
        add(new CheckVerb(this, Differences.PLACES));
        add(new ExplainVerb(this));
        add(new EventsVerb(this));
        add(new RecordVerb(this));
        add(new ShellVerb(this));
        add(new PathVerbs.Get(this));
        add(new PathVerbs.Put(this));
        add(new PathVerbs.Post(this));
        add(new PathVerbs.Delete(this));
        add(new CompletionVerb(this));
        Map<String, String> codes = new LinkedHashMap<>();
        codes.put("0", "done");
        codes.put("1", "refused by the server");
        codes.put("2", "wrong usage or input");
        codes.put("3", "no server, or no proper answer");
        codes.put("4", "a file, the editor or the terminal here");
        spec().usageMessage().synopsisSubcommandLabel("COMMAND").exitCodeList(codes)
            .exitCodeListHeading("%nExit codes (of several servers, the highest):%n");
    }

    private Argument<String[]> addresses() {
        Argument<String[]> argument = new Argument<>(String[].class, new String[0]);
        spec().addOption(CommandLine.Model.OptionSpec
            .builder("-s", "--control-socket-address", "--control").type(String[].class)
            .auxiliaryTypes(String.class).arity("1").paramLabel("ADDRESS").initialValue(argument.value())
            .setter(argument).getter(argument)
            .description("a control socket: unix:/path, unix:@name, host:port or http://host:port; several times for "
                + "several servers. Default: that of the running server, else that of a server without options.")
            .build());
        return argument;
    }

    /** Runs one command. */
    public static void main(String[] arguments) throws IOException {
        if (System.getProperty("margay.train") != null) {
            ToolTraining.run();
            return;
        }
        Io io = Io.ofProcess();
        // Said this way, the library loads what colours need only when it shows something.
        System.setProperty("picocli.ansi", Boolean.toString(io.colours()));
        int code;
        try {
            code = execute(io, arguments);
        } catch (OutOfMemoryError e) {
            io.note("there is not enough memory for what the server sent or is to get");
            code = ToolException.LOCAL;
        }
        io.out().flush();
        io.err().flush();
        // An orderly exit would ask the JDK's logging first whether it wants to hear of it, which takes long.
        Runtime.getRuntime().halt(code);
    }

    /** {@return the exit code of a command; says on the error stream what went wrong} */
    static int execute(Io io, String... arguments) {
        return commandLine(io).execute(arguments);
    }

    static CommandLine commandLine(Io io) {
        CommandLine line = new CommandLine(new Unitctl(io).spec());
        // A name that begins so is a name.
        line.setExpandAtFiles(false);
        line.setOut(new PrintWriter(io.out(), true));
        line.setErr(new PrintWriter(io.err(), true));
        line.setParameterExceptionHandler((wrong, given) -> {
            io.note(wrong.getMessage() + "; see `" + wrong.getCommandLine().getCommandSpec().qualifiedName()
                + " --help`");
            return ToolException.USAGE;
        });
        line.setExecutionExceptionHandler((failure, command, result) -> report(io, failure));
        line.getSubcommands().values().forEach(Unitctl::unforeseen);
        return line;
    }

    /** What nobody foresaw is no refusal of a server. */
    private static void unforeseen(CommandLine command) {
        command.getCommandSpec().exitCodeOnExecutionException(ToolException.LOCAL);
        command.getSubcommands().values().forEach(Unitctl::unforeseen);
    }

    /** {@return the exit code for a failure, which is told to the user; what nobody foresaw goes on} */
    static int report(Io io, Exception failure) throws Exception {
        if (failure instanceof ToolException known) {
            io.note(known.getMessage());
            return known.code();
        } else if (failure instanceof IOException) {
            io.note(failure.toString());
            return ToolException.LOCAL;
        } else if (failure instanceof UncheckedIOException local) {
            return report(io, local.getCause());
        }
        throw failure;
    }

    @Override
    Io io() {
        return io;
    }

    @Override
    public Integer call() throws ToolException {
        throw ToolException.usage("a command is missing; see `unitctl --help`");
    }

    /**
     * {@return one client for each server asked for, at least one}
     *
     * @throws ToolException (usage) when an address is wrong, or none is given and several servers run
     */
    @Override
    List<ControlClient> clients() throws ToolException, IOException {
        within("--wait-timeout-seconds", waitSeconds.value(), 0);
        within("--wait-max-tries", waitTries.value(), 1);
        within("--timeout", timeout.value(), 1);
        Set<String> texts = new LinkedHashSet<>(List.of(addresses.value()));
        if (texts.isEmpty()) {
            texts.add(new Instances(io).address());
        }
        List<ControlClient> clients = new ArrayList<>();
        for (String text : texts) {
            ControlAddress address = ControlAddress.parse(text);
            ControlClient.Wait wait = waitSeconds.value() == 0 ? ControlClient.Wait.NONE
                : new ControlClient.Wait(waitSeconds.value(), waitTries.value(), number -> waiting(address, number));
            clients.add(new ControlClient(address, wait, Duration.ofSeconds(timeout.value())));
        }
        return clients;
    }

    private static void within(String option, int value, int least) throws ToolException {
        if (value < least || value > MAX_WAIT) {
            throw ToolException.usage(option + " takes a number from " + least + " to " + MAX_WAIT);
        }
    }

    private void waiting(ControlAddress address, int number) {
        if (io.watched()) {
            io.note("waiting for " + address.text() + " another " + waitSeconds.value() + " s, try " + number + "/"
                + waitTries.value());
        }
    }
}
