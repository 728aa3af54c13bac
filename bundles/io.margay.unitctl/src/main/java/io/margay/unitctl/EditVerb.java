// SPDX-License-Identifier: Apache-2.0
package io.margay.unitctl;

import io.margay.conf.Conf;
import io.margay.conf.ConfText;
import io.margay.conf.ConfWriter;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;

/**
 * Changes the configuration in an editor. What another writer did meanwhile is never overwritten unseen: the change is
 * sent for the version that was read.
 */
final class EditVerb extends Verb {
    private final Argument<String> place = parameter(String.class, "/config", "PATH", "what to edit");
    private final ChangeOptions change = new ChangeOptions(this);
    private final Argument<Format> output = format();

    EditVerb(Unitctl tool) {
        super(tool, "edit", "Opens the configuration in $VISUAL or $EDITOR and applies what was changed.");
    }

    /**
     * What was read.
     *
     * @param etag empty from a server that knows none
     */
    private record Version(Conf value, Optional<String> etag) {
    }

    @Override
    public Integer call() throws Exception {
        return onEach(output.value(), client -> {
            try {
                return edit(client);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted");
            }
        });
    }

    private Optional<Conf> edit(ControlClient client) throws ToolException, IOException, InterruptedException {
        String target = change.path(client, place.value());
        Version base = read(client);
        Editor editor = Editor.ofUser(io().environment());
        String original = text(base.value());
        Path file = editor.open(original, output.value() == Format.YAML ? ".yaml" : ".json");
        boolean sent = false;
        while (true) {
            editor.edit(file);
            String text = ToolContent.text(file);
            if (!sent && text.equals(original)) {
                Files.delete(file);
                io().note(client.name() + ": nothing changed");
                return Optional.empty();
            }
            sent = true;
            try {
                Optional<Conf> done = Optional.of(put(client, target, base, text));
                if (change.dryRun()) {
                    io().note(client.name() + ": nothing was changed; your text is kept in " + file);
                } else {
                    Files.delete(file);
                }
                change.remind(io());
                return done;
            } catch (RefusedException e) {
                base = again(client, base, e, file);
            } catch (ToolException e) {
                if (e.code() != ToolException.USAGE) {
                    throw kept(e, file);
                }
                base = again(client, base, e, file);
            }
        }
    }

    private Version read(ControlClient client) throws ToolException {
        ServerReply reply = client.ask(ToolRequest.get(place.value()));
        return new Version(value(client, reply), reply.etag());
    }

    private String text(Conf value) {
        return output.value() == Format.YAML ? YamlWriter.write(value) : JsonPrinter.print(value, false) + "\n";
    }

    private Conf put(ControlClient client, String target, Version base, String text) throws ToolException {
        byte[] bytes = ConfText.encode(text);
        byte[] body = output.value() == Format.YAML ? ToolContent.json(bytes) : bytes;
        if (base.etag().isEmpty() && !same(read(client).value(), base.value())) {
            // Unit checks no versions: this leaves a moment for others, but not minutes.
            throw new RefusedException(client.name(), ToolRequest.of("PUT", place.value()), ServerReply.conflict());
        }
        return value(client, client.ask(ToolRequest.of("PUT", target, body).onlyIf(base.etag())));
    }

    private static boolean same(Conf one, Conf other) {
        return Arrays.equals(ConfWriter.compact(one), ConfWriter.compact(other));
    }

    /** Tells why a text was refused and returns the version that the next attempt is for, or gives up. */
    private Version again(ControlClient client, Version base, ToolException refusal, Path file)
            throws ToolException, IOException {
        if (!io().interactive()) {
            throw kept(refusal, file);
        }
        io().note(refusal.getMessage());
        Version next = base;
        boolean conflict = refusal instanceof RefusedException refused && refused.conflict();
        if (conflict) {
            next = read(client);
            io().note("somebody else has changed the configuration since you opened it:");
            ChangeLine.between(base.value(), next.value())
                .forEach(line -> io().err().println("  " + Io.harmless(line)));
        }
        String question = conflict
            ? "Edit your text again and apply it over that (e), start anew from theirs (n), or give up (q)? "
            : "Edit again (e) or give up (q)? ";
        while (true) {
            io().err().print(question);
            io().err().flush();
            String answer = line();
            if (answer.isEmpty() || answer.equals("e")) {
                return next;
            } else if (conflict && answer.equals("n")) {
                Files.writeString(file, text(next.value()));
                return next;
            } else if (answer.equals("q")) {
                throw kept(refusal, file);
            }
        }
    }

    /** {@return a line of the user, {@code q} when he has gone} */
    private String line() throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = io().in().read(); c != '\n'; c = io().in().read()) {
            if (c < 0) {
                return "q";
            }
            line.append((char) c);
        }
        return new String(line.toString().getBytes(StandardCharsets.ISO_8859_1), StandardCharsets.UTF_8).strip();
    }

    private static ToolException kept(ToolException refusal, Path file) {
        return refusal.with("your text is kept in " + file);
    }
}
