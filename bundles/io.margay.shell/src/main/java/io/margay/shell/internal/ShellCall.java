// SPDX-License-Identifier: Apache-2.0
package io.margay.shell.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfString;
import io.margay.conf.ConfWriter;
import io.margay.control.ServerControl;
import io.margay.main.CommandShell;
import io.margay.posix.Address;
import java.io.IOException;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ScheduledExecutorService;
import java.util.stream.Collectors;

/**
 * One call of a command, and the server that it is about. What is asked and changed goes over the control socket, so
 * that the shell can do nothing that the control API does not know.
 *
 * @param server the server
 * @param timer ends calls that take too long
 * @param input the text that the client has sent along
 * @param given the arguments
 * @param commands all commands, by their names
 */
record ShellCall(CommandShell.Server server, ScheduledExecutorService timer, Optional<String> input,
        Parameters.Given given, Map<String, ShellCommand> commands) {
    private static final long CALL_SECONDS = 90;

    /** {@return an argument that must be there} */
    String word(int index) {
        return given.words().get(index);
    }

    /** {@return an argument, if it was given} */
    Optional<String> optional(int index) {
        return index < given.words().size() ? Optional.of(word(index)) : Optional.empty();
    }

    /** {@return a number among the arguments} */
    int number(int index, int absent, int most) throws ShellException {
        String text = optional(index).orElse(Integer.toString(absent));
        if (!text.matches("[0-9]{1,9}") || Integer.parseInt(text) > most) {
            throw new ShellException(ShellException.USAGE, "\"" + text + "\" is no number from 0 to " + most);
        }
        return Integer.parseInt(text);
    }

    boolean has(String flag) {
        return given.flags().contains(flag);
    }

    /** {@return what is there} */
    Conf get(String path) throws ShellException {
        return ask("GET", path, new byte[0]).json();
    }

    /** {@return the same for what is an object} */
    ConfObject object(String path) throws ShellException {
        return get(path) instanceof ConfObject object ? object : ConfObject.EMPTY;
    }

    /** {@return what the server says when it has done something} */
    String order(String method, String path, String content) throws ShellException {
        return order(method, path, content.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with bytes. */
    String order(String method, String path, byte[] content) throws ShellException {
        Conf said = ask(method, path, content).json();
        return said instanceof ConfObject object && object.string("success").isPresent()
            ? object.string("success").get() : text(said);
    }

    private ServerControl.Reply ask(String method, String path, byte[] content) throws ShellException {
        Address address = Address.tryParse(server.control()).orElseThrow(() ->
            new ShellException(ShellException.FAILED, "\"" + server.control() + "\" is no address"));
        ServerControl.Reply reply = new ServerControl(address, timer, CALL_SECONDS).ask(method, path, Map.of(),
            content);
        if (!reply.good()) {
            throw new ShellException(ShellException.FAILED, reason(reply.json()));
        }
        return reply;
    }

    private static String reason(Conf said) {
        if (!(said instanceof ConfObject object)) {
            return text(said);
        }
        StringBuilder text = new StringBuilder(object.string("error").orElse("The server refuses it."));
        object.string("detail").ifPresent(detail -> text.append(' ').append(detail));
        object.object("location").flatMap(location -> location.string("path")).ifPresent(path ->
            text.append(" (at ").append(path.isEmpty() ? "/" : path).append(')'));
        object.array("users").ifPresent(users -> text.append(" In use by ").append(texts(users)).append('.'));
        return text.toString();
    }

    /**
     * {@return the content for the server: of a file of the server's machine, else what the client has sent along}
     *
     * @param index of the argument that names the file
     * @param most bytes
     */
    byte[] content(int index, int most) throws ShellException {
        if (optional(index).filter(name -> !name.equals("-")).isEmpty()) {
            return input.orElseThrow(() -> new ShellException(ShellException.USAGE,
                "there is no content: name a file of the server, or send one with \"unitctl shell --input FILE\""))
                .getBytes(StandardCharsets.UTF_8);
        }
        String name = word(index);
        if (!name.startsWith("/")) {
            throw new ShellException(ShellException.USAGE, "\"" + name + "\" is a file of the server's machine, so it "
                + "must begin with /");
        }
        try {
            if (!Files.isRegularFile(Path.of(name))) {
                throw new ShellException(ShellException.FAILED, "there is no file \"" + name + "\"");
            }
            try (InputStream in = Files.newInputStream(Path.of(name))) {
                byte[] bytes = in.readNBytes(most + 1);
                if (bytes.length > most) {
                    throw new ShellException(ShellException.FAILED, "\"" + name + "\" is longer than " + most
                        + " bytes");
                }
                return bytes;
            }
        } catch (IOException | InvalidPathException e) {
            throw new ShellException(ShellException.FAILED, "\"" + name + "\" cannot be read: " + e.getMessage());
        }
    }

    /** {@return a value as people read it} */
    static String text(Conf value) {
        return value instanceof ConfString string ? string.value()
            : new String(ConfWriter.pretty(value), StandardCharsets.UTF_8).stripTrailing().replace("\r", "")
                .replace("\t", "  ");
    }

    /** {@return the texts of an array, with commas} */
    static String texts(ConfArray array) {
        return array.elements().stream().map(ShellCall::text).collect(Collectors.joining(", "));
    }

    /** {@return a name as one segment of a path} */
    static String segment(String name) {
        // These two would be steps.
        return name.equals(".") || name.equals("..") ? name.replace(".", "%2e")
            : URLEncoder.encode(name, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** {@return a path below the configuration, each of its names encoded} */
    static String configuration(String path) {
        StringBuilder all = new StringBuilder("/config");
        for (String name : path.split("/")) {
            if (!name.isEmpty()) {
                all.append('/').append(segment(name));
            }
        }
        return all.toString();
    }
}
