// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.conf.ConfObject;
import io.margay.isolation.LaunchPlan;
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

    PlanFds port(Fd read, Fd main) {
        named.put("read", read);
        named.put("main", main);
        return this;
    }

    PlanFds queue(Fd request, Fd slots, Fd control) {
        named.put("request", request);
        named.put("slots", slots);
        named.put("router", control);
        return this;
    }

    void content(String name, byte[] bytes) {
        named.put(name, made(Files.sealedMemory("unit-" + name, bytes)));
    }

    int number(String name) {
        return FIRST + List.copyOf(named.keySet()).indexOf(name);
    }

    /** Puts descriptors into a plan and their numbers into the start data. */
    void into(LaunchPlan.Builder plan, ConfObject.Builder init, boolean daemon) {
        int number = FIRST;
        for (Map.Entry<String, Fd> entry : named.entrySet()) {
            plan.descriptor(number, entry.getValue());
            init.put(entry.getKey(), number);
            number++;
        }
        if (!daemon) {
            plan.descriptor(1, made(Descriptors.duplicate(1, FIRST)));
        }
        plan.descriptor(2, made(Descriptors.duplicate(2, FIRST)));
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
