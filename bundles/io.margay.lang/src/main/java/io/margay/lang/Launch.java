// SPDX-License-Identifier: Apache-2.0
package io.margay.lang;

import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.posix.Signals;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * The part of a process's start that its language knows; who starts it adds privileges, isolation and descriptors.
 * Immutable; made by a {@link Builder}.
 */
public final class Launch {

    /** How it is known that the process serves. */
    public enum Readiness {
        /** It says so by PROCESS_READY on its port. */
        MESSAGE,
        /** A socket that it has inherited, or makes at a place that it was told, accepts a connection. */
        ACCEPTS,
        /** It has answered a first request. */
        ANSWER,
        /** Its program was executed. */
        EXEC
    }

    /** Where further workers of an application come from. */
    public enum Prototype {
        /** The process is the interpreter and forks them. */
        FORKS,
        /**
         * Each process that is started is a worker. The namespaces that the application asks for are held by a process
         * of the server, and its workers share them.
         */
        HOLDER,
        /** There is none: each process that is started is a worker, in namespaces of its own. */
        NONE
    }

    /** Bytes that the process reads from a descriptor, because its root may not hold them. */
    public record Resource(String name, byte[] content) {

        /** Refuses what has no name. */
        public Resource {
            Objects.requireNonNull(name, "name");
            Objects.requireNonNull(content, "content");
        }
    }

    /** What the value of an announcing variable is made of: known only when the process is started. */
    public interface Facts {

        /** Numbers of the descriptors by their names, in the order of the numbers. */
        Map<String, Integer> descriptors();

        /** Name of the application as it is shown. */
        String application();

        /** Version of the server. */
        String version();

        /** Pid of main. */
        int mainPid();

        /** The number that names this start. */
        int stream();

        /** Whether the server runs in the background. */
        boolean daemon();

        /** All of it as one JSON object: each descriptor under its name, name, version, parent and daemon. */
        default String json() {
            ConfObject.Builder object = ConfObject.builder().put("name", application()).put("version", version())
                .put("parent", mainPid()).put("daemon", daemon());
            descriptors().forEach(object::put);
            return new String(ConfWriter.compact(object.build()), StandardCharsets.UTF_8);
        }
    }

    private final List<String> argv;
    private final Map<String, String> environment;
    private final Map<String, Function<Facts, String>> announcements;
    private final Map<String, Integer> places;
    private final List<Resource> resources;
    private final Map<String, SharedContent> shared;
    private final List<LanguageMount> mounts;
    private final Readiness readiness;
    private final Prototype prototype;
    private final int orphanSignal;
    private final Optional<Use> use;

    /** How a prepared file is used: the number of its descriptor, and words behind the name of the program. */
    private record Use(PreparedContent prepared, int number, List<String> words) {
    }

    private Launch(Builder from) {
        argv = List.copyOf(from.argv);
        environment = Map.copyOf(from.environment);
        announcements = Map.copyOf(from.announcements);
        places = Map.copyOf(from.places);
        resources = List.copyOf(from.resources);
        shared = Collections.unmodifiableMap(new LinkedHashMap<>(from.shared));
        mounts = List.copyOf(from.mounts);
        readiness = from.readiness;
        prototype = from.prototype;
        orphanSignal = from.orphanSignal;
        use = from.use;
    }

    /**
     * Begins a description.
     *
     * @param inherited the environment that the process has unless the language says otherwise
     */
    public static Builder builder(Map<String, String> inherited) {
        return new Builder(inherited);
    }

    /** Path of the program as the application's root has it, then its arguments, the first of which is its name. */
    public List<String> argv() {
        return argv;
    }

    /** The environment without the announcing variables. */
    public Map<String, String> environment() {
        return environment;
    }

    /** Variables whose values name descriptors, with what makes the values. */
    public Map<String, Function<Facts, String>> announcements() {
        return announcements;
    }

    /** Number that a descriptor has to have, if the program insists on one. */
    public Optional<Integer> place(String descriptor) {
        return Optional.ofNullable(places.get(descriptor));
    }

    /** Contents that are passed as sealed memory; the descriptor has the name of the resource. */
    public List<Resource> resources() {
        return resources;
    }

    /** Contents that other starts are given too, by the names of their descriptors. */
    public Map<String, SharedContent> shared() {
        return shared;
    }

    /** What the application's own root needs of the host beyond what the module has found. */
    public List<LanguageMount> mounts() {
        return mounts;
    }

    /** How it is known that the process serves. */
    public Readiness readiness() {
        return readiness;
    }

    /** Where workers come from. */
    public Prototype prototype() {
        return prototype;
    }

    /** The signal that the process gets when main ends without having stopped it. */
    public int orphanSignal() {
        return orphanSignal;
    }

    /** What the process can be given once it is there. */
    public Optional<PreparedContent> prepared() {
        return use.map(Use::prepared);
    }

    /** The start with what is prepared; this one without. */
    public Launch withPrepared() {
        return use.map(this::with).orElse(this);
    }

    private Launch with(Use what) {
        Builder copy = new Builder(environment);
        copy.argv.add(argv.getFirst());
        copy.argv.addAll(what.words);
        copy.argv.addAll(argv.subList(1, argv.size()));
        copy.announcements.putAll(announcements);
        copy.places.putAll(places);
        copy.place(what.prepared.name(), what.number);
        copy.resources.addAll(resources);
        copy.shared.putAll(shared);
        copy.mounts.addAll(mounts);
        copy.readiness = readiness;
        copy.prototype = prototype;
        copy.orphanSignal = orphanSignal;
        return copy.build();
    }

    /** Collects a description; everything but the program has a default. */
    public static final class Builder {

        private final List<String> argv = new ArrayList<>();
        private final Map<String, String> environment;
        private final Map<String, Function<Facts, String>> announcements = new HashMap<>();
        private final Map<String, Integer> places = new LinkedHashMap<>();
        private final List<Resource> resources = new ArrayList<>();
        private final Map<String, SharedContent> shared = new LinkedHashMap<>();
        private final List<LanguageMount> mounts = new ArrayList<>();
        private Readiness readiness = Readiness.MESSAGE;
        private Prototype prototype = Prototype.FORKS;
        private int orphanSignal = Signals.SIGKILL;
        private Optional<Use> use = Optional.empty();

        private Builder(Map<String, String> inherited) {
            environment = new HashMap<>(inherited);
        }

        /** The program, then its arguments, behind those of earlier calls. */
        public Builder argv(String... words) {
            argv.addAll(List.of(words));
            return this;
        }

        /** Sets a variable of the environment. */
        public Builder variable(String name, String value) {
            environment.put(name, value);
            return this;
        }

        /** Sets the variables that the application's configuration names. */
        public Builder configured(AppSpec app) {
            ConfObject variables = app.conf().get("environment").orElse(ConfObject.EMPTY) instanceof ConfObject object
                ? object : ConfObject.EMPTY;
            variables.members().keySet().forEach(name ->
                variables.string(name).ifPresent(value -> environment.put(name, value)));
            return this;
        }

        /** Removes variables. */
        public Builder without(Predicate<String> names) {
            environment.keySet().removeIf(names);
            return this;
        }

        /** A variable whose value names descriptors. */
        public Builder announce(String variable, Function<Facts, String> value) {
            announcements.put(variable, value);
            return this;
        }

        /** Gives a descriptor, as that of a listening socket, a number; others have any. */
        public Builder place(String descriptor, int number) {
            if (number < 0 || places.containsValue(number)) {
                throw new IllegalArgumentException("descriptor " + descriptor + " cannot have number " + number);
            }
            places.put(descriptor, number);
            return this;
        }

        /** Contents that the process reads from the descriptor of that name; not copied, not to be changed. */
        public Builder resource(String name, byte[] content) {
            resources.add(new Resource(name, content));
            return this;
        }

        /** Contents that the process opens under the name of the descriptor, and that other starts are given too. */
        public Builder shared(String name, SharedContent memory) {
            shared.put(name, memory);
            return this;
        }

        /** A file or directory of the host that the application's root needs. */
        public Builder mount(String source, String target) {
            mounts.add(new LanguageMount(source, target));
            return this;
        }

        /** Sets how it is known that the process serves; {@link Readiness#MESSAGE} unless set. */
        public Builder readiness(Readiness value) {
            readiness = Objects.requireNonNull(value);
            return this;
        }

        /** Sets where workers come from; {@link Prototype#FORKS} unless set. */
        public Builder prototype(Prototype value) {
            prototype = Objects.requireNonNull(value);
            return this;
        }

        /**
         * What the process is given as a descriptor of its name if it was prepared at an earlier start, and what it is
         * told then. Without, it starts as described, and the server prepares it in the background.
         *
         * @param number of the descriptor
         * @param words arguments behind the name of the program and before all others
         */
        public Builder prepared(PreparedContent what, int number, List<String> words) {
            use = Optional.of(new Use(what, number, List.copyOf(words)));
            return this;
        }

        /**
         * Sets what the process gets when main ends without having stopped it; SIGKILL unless set. A program that forks
         * others which do not end with it needs one that it acts upon.
         */
        public Builder orphanSignal(int value) {
            orphanSignal = value;
            return this;
        }

        /**
         * The description.
         *
         * @throws IllegalStateException without a program
         */
        public Launch build() {
            if (argv.isEmpty()) {
                throw new IllegalStateException("launch without a program");
            }
            return new Launch(this);
        }
    }
}
