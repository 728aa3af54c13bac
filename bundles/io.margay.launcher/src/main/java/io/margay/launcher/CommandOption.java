// SPDX-License-Identifier: Apache-2.0
package io.margay.launcher;

/** The options in the order in which the help lists them ({@code spec/control-api.md §13}). */
enum CommandOption {
    VERSION("--version", "", "", "print the version and the configured defaults, and leave"),
    HELP("--help", "", "", "print this list and leave"),
    NO_DAEMON("--no-daemon", "", "", "stay in the foreground"),
    CONTROL("--control", "ADDRESS", "socket address", "address of the control socket"),
    CONTROL_MODE("--control-mode", "MODE", "a mode", "octal file mode of the control socket"),
    CONTROL_USER("--control-user", "USER", "a username", "owner of the control socket"),
    CONTROL_GROUP("--control-group", "GROUP", "a group name", "group of the control socket"),
    CONTROL_POLICY("--control-policy", "FILE", "filename", "rules of who may use the control API; none if missing"),
    CONSOLE("--console", "ADDRESS", "socket address", "address of the web console; none if missing"),
    PID("--pid", "FILE", "filename", "file that holds the process id"),
    LOG("--log", "FILE", "filename", "log file"),
    MODULESDIR("--modulesdir", "DIR", "directory", "directory of the language modules"),
    STATEDIR("--statedir", "DIR", "directory", "directory of configuration and certificates"),
    IMPORT("--import", "DIR", "directory", "directory of files to apply when the state is empty"),
    TMPDIR("--tmpdir", "DIR", "directory", "directory for temporary files"),
    USER("--user", "USER", "username", "account of the unprivileged processes"),
    GROUP("--group", "GROUP", "group name", "group of the unprivileged processes");

    private static final CommandOption[] ALL = values();

    final String text;
    final String argument;
    final String needs;
    final String about;

    CommandOption(String text, String argument, String needs, String about) {
        this.text = text;
        this.argument = argument;
        this.needs = needs;
        this.about = about;
    }

    /** {@return the option of that name, old names included, or null} */
    static CommandOption named(String name) {
        switch (name) {
            case "-h":
                return HELP;
            case "--modules":
                return MODULESDIR;
            case "--state":
                return STATEDIR;
            case "--tmp":
                return TMPDIR;
            default:
                for (CommandOption option : ALL) {
                    if (option.text.equals(name)) {
                        return option;
                    }
                }
                return null;
        }
    }

    static String[] defaults(Defaults from) {
        String[] values = new String[ALL.length];
        values[CONTROL.ordinal()] = from.control();
        values[CONTROL_MODE.ordinal()] = from.text("control-mode", "0600");
        values[CONTROL_USER.ordinal()] = from.text("control-user", "");
        values[CONTROL_GROUP.ordinal()] = from.text("control-group", "");
        values[CONTROL_POLICY.ordinal()] = from.path("control-policy", "config/control-policy.json");
        values[CONSOLE.ordinal()] = from.text("console", "");
        values[PID.ordinal()] = from.path("pid", "var/run/unit.pid");
        values[LOG.ordinal()] = from.path("log", "var/log/unit.log");
        values[MODULESDIR.ordinal()] = from.path("modulesdir", "modules");
        values[STATEDIR.ordinal()] = from.path("statedir", "var/lib/unit");
        values[TMPDIR.ordinal()] = from.path("tmpdir", "/tmp");
        values[USER.ordinal()] = from.text("user", "nobody");
        values[GROUP.ordinal()] = from.text("group", "");
        return values;
    }

    static String help(Defaults from) {
        String[] values = defaults(from);
        StringBuilder out = new StringBuilder("\nunit options:\n\n");
        for (CommandOption option : ALL) {
            if (option == HELP) {
                continue;
            }
            entry(out, option.text, option.argument, option.about);
            String value = values[option.ordinal()];
            if (option == GROUP && value.isEmpty()) {
                out.append("                          default: user's primary group\n");
            } else if (value != null && !value.isEmpty()) {
                out.append("                          default: \"").append(value).append("\"\n");
            }
            out.append('\n');
            if (option == TMPDIR) {
                old(out, "--modules", MODULESDIR);
                old(out, "--state", STATEDIR);
                old(out, "--tmp", TMPDIR);
            }
        }
        entry(out, "-h, --help", "", HELP.about);
        return out.append('\n').toString();
    }

    static String version(Defaults from, String version) {
        StringBuilder out = new StringBuilder("unit version: ").append(version)
            .append("\nconfigured as ./configure --prefix=").append(from.prefix());
        String[] built = defaults(from);
        for (CommandOption option : ALL) {
            String value = built[option.ordinal()];
            if (value != null && !value.isEmpty() && option != CONTROL_MODE && option != CONTROL_POLICY) {
                out.append(' ').append(option.text).append('=').append(value);
            }
        }
        // What tools look for here, and this build has: TLS, JavaScript in templates, traces.
        return out.append(" --njs --openssl --otel\n").toString();
    }

    private static void old(StringBuilder out, String name, CommandOption now) {
        entry(out, name, now.argument, "[deprecated] synonym for " + now.text);
        out.append('\n');
    }

    private static void entry(StringBuilder out, String name, String argument, String about) {
        int start = out.length();
        out.append("  ").append(name);
        if (!argument.isEmpty()) {
            out.append(' ').append(argument);
        }
        do {
            out.append(' ');
        } while (out.length() - start < 26);
        out.append(about).append('\n');
    }
}
