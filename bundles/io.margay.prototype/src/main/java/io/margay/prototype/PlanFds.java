// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.LaunchPlan;
import io.margay.lang.Launch;
import io.margay.posix.Descriptors;
import io.margay.posix.Fd;
import io.margay.posix.Files;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The descriptors of a plan under the names that the language's runtime finds them by. Closes those that it made. */
final class PlanFds implements AutoCloseable {

    /** The first number behind the standard streams. */
    private static final int FIRST = 3;

    private final Map<String, Fd> named = new LinkedHashMap<>();
    private final List<Fd> own = new ArrayList<>();
    private final Fd errors;

    /** With the descriptor that becomes standard error; it is closed with the others. */
    PlanFds(Fd errors) {
        this.errors = made(errors);
    }

    PlanFds port(Fd read, Fd main) {
        put("read", read);
        put("main", main);
        return this;
    }

    /**
     * Adds a descriptor.
     *
     * @throws IllegalArgumentException when one has this name
     */
    PlanFds put(String name, Fd fd) {
        if (named.putIfAbsent(name, fd) != null) {
            throw new IllegalArgumentException("two descriptors have the name \"" + name + "\"");
        }
        return this;
    }

    /** Adds one that is closed with the others. */
    PlanFds own(String name, Fd fd) {
        return put(name, made(fd));
    }

    void content(Launch launch) {
        launch.resources().forEach(resource ->
            put(resource.name(), made(Files.sealedMemory("unit-" + resource.name(), resource.content()))));
        launch.shared().forEach((name, memory) -> put(name, made(memory.open())));
    }

    /** Puts descriptors into a plan, those that the language places first; gives their numbers. */
    Map<String, Integer> into(LaunchPlan.Builder plan, Launch launch, boolean daemon) {
        Map<String, Integer> numbers = new LinkedHashMap<>();
        named.keySet().forEach(name -> launch.place(name).ifPresent(number -> numbers.put(name, number)));
        int next = FIRST;
        for (String name : named.keySet()) {
            if (!numbers.containsKey(name)) {
                while (numbers.containsValue(next)) {
                    next++;
                }
                numbers.put(name, next);
            }
            plan.descriptor(numbers.get(name), named.get(name));
        }
        if (!daemon) {
            plan.descriptor(1, made(Descriptors.duplicate(1, FIRST)));
        }
        plan.descriptor(2, errors);
        return numbers;
    }

    private Fd made(Fd fd) {
        own.add(fd);
        return fd;
    }

    @Override
    public void close() {
        own.forEach(Fd::close);
    }
}
