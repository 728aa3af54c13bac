// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.conf.Conf;
import io.margay.conf.ConfArray;
import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * All kinds of processes of one server, frozen at its start: who knows whose port, who is told of whose death, who may
 * send what. Main collects them from the bundles ({@link ProcessKindCollector}), the others get them from main.
 */
public final class ProcessKinds {

    private static final String MAIN = "main";
    private static final Set<String> ANSWERS = Set.of("RPC_READY", "RPC_ERROR");

    /**
     * A kind that a bundle brings.
     *
     * @param type the kind
     * @param origin the bundle's name, for messages
     */
    public record Claim(ProcessType type, String origin) {
    }

    private final List<ProcessType> types;

    private ProcessKinds(List<ProcessType> types) {
        this.types = List.copyOf(types);
    }

    /**
     * Takes kinds one after the other; of two that claim the same the first wins.
     *
     * @param claims oldest first
     * @param refused takes a line for each that is refused
     * @throws IllegalStateException when nobody brings main
     */
    public static ProcessKinds collect(List<Claim> claims, Consumer<String> refused) {
        ProcessType main = claims.stream().map(Claim::type).filter(type -> type.is(MAIN)).findFirst()
            .orElseThrow(() -> new IllegalStateException("no bundle brings the process type \"main\""));
        List<ProcessType> taken = new ArrayList<>();
        for (Claim claim : claims) {
            if (taken.contains(claim.type())) {
                continue;
            }
            Optional<String> trouble = trouble(claim.type(), taken, claims, main);
            if (trouble.isEmpty()) {
                taken.add(claim.type());
            } else {
                refused.accept("process type \"" + claim.type() + "\" of bundle " + claim.origin() + " is refused: "
                    + trouble.get());
            }
        }
        return new ProcessKinds(taken);
    }

    private static Optional<String> trouble(ProcessType fresh, List<ProcessType> taken, List<Claim> claims,
            ProcessType main) {
        for (ProcessType other : taken) {
            if (other.is(fresh.word())) {
                return Optional.of("its name is taken");
            }
            if (other.number() == fresh.number()) {
                return Optional.of("its number " + fresh.number() + " is that of \"" + other + "\"");
            }
        }
        if (fresh.is(MAIN)) {
            return Optional.empty();
        }
        for (Map.Entry<String, Set<String>> sent : fresh.sends().entrySet()) {
            // Prototypes and workers read no table of ours: who may tell them to leave, their own parent says.
            boolean core = claims.stream().map(Claim::type).anyMatch(other -> other.feature().isPresent()
                && !other.is(MAIN) && (other.is(sent.getKey()) || sent.getKey().equals(ProcessType.EVERY)));
            Set<String> claimed = new TreeSet<>(sent.getValue());
            claimed.retainAll(main.sendsToAll());
            claimed.removeAll(ANSWERS);
            if (core && !claimed.isEmpty()) {
                return Optional.of("only main sends " + String.join(", ", claimed));
            }
        }
        return Optional.empty();
    }

    /**
     * Reads what {@link #json} wrote.
     *
     * @throws IllegalArgumentException when it is not of the form
     */
    public static ProcessKinds of(ConfArray list) {
        return new ProcessKinds(list.elements().stream().map(ProcessType::of).toList());
    }

    /**
     * Reads a text that {@link #json} could have written.
     *
     * @throws IllegalArgumentException when it is not of the form
     */
    public static ProcessKinds parse(String json) {
        try {
            return of((ConfArray) ConfParser.parse(json.getBytes(StandardCharsets.UTF_8)));
        } catch (ConfSyntaxException | ClassCastException e) {
            throw new IllegalArgumentException("malformed kinds of processes: " + e.getMessage(), e);
        }
    }

    /** The whole table, for the start data of a child. */
    public ConfArray json() {
        return new ConfArray(types.stream().map(type -> (Conf) type.json()).toList());
    }

    /** All kinds. */
    public List<ProcessType> all() {
        return types;
    }

    /** A kind by its name. */
    public Optional<ProcessType> find(String name) {
        return types.stream().filter(type -> type.is(name)).findFirst();
    }

    /** A kind by its number on the wire. */
    public Optional<ProcessType> find(int number) {
        return types.stream().filter(type -> type.number() == number).findFirst();
    }

    /**
     * A kind that the caller cannot do without.
     *
     * @throws IllegalStateException when no bundle brings it
     */
    public ProcessType get(String name) {
        return find(name).orElseThrow(() ->
            new IllegalStateException("no bundle brings the process type \"" + name + "\""));
    }

    /** Whether a port of one kind is announced to a process of another. */
    public static boolean announced(ProcessType receiver, ProcessType owner) {
        return receiver.ports().contains(owner.word()) || owner.knownTo().contains(receiver.word());
    }

    /** Whether a process of one kind is told of the death of one of another. */
    public static boolean told(ProcessType receiver, ProcessType dead) {
        return receiver.deaths().contains(dead.word()) || dead.knownTo().contains(receiver.word());
    }
}
