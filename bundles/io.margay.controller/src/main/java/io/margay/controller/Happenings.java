// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ControlRequest;
import io.margay.control.Printable;
import io.margay.control.ServerEvents;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Tells those who follow the server what the controller does and hears of. On the loop's thread only. */
public final class Happenings {
    private static final String APPLICATION = "application";
    private static final String APPLICATIONS = "applications";
    private static final int LONGEST = 1000;

    private volatile Optional<ServerEvents> events = Optional.empty();
    /** What the next configuration that nobody has sent will be due to. */
    private long due;

    /** Sets who takes them; what happens meanwhile is not told. */
    public void to(Optional<ServerEvents> receiver) {
        events = receiver;
    }

    private long tell(String type, String what, ConfObject about, long cause) {
        return events.map(receiver -> receiver.publish(type, what, about, cause)).orElse(0L);
    }

    /** A client has changed the configuration. */
    void changed(ControlRequest request, OptionalLong revision, ConfObject before, ConfObject next, LeftOut leftOut) {
        ConfObject.Builder about = ConfObject.builder().put("method", request.method())
            .put("path", Printable.of(request.path())).put("peer", request.peer().toConf());
        revision.ifPresent(number -> about.put("revision", number));
        applications(tell("configuration", "changed", about.build(), 0), revision, before, next, leftOut);
    }

    /** A configuration is in force that no client has sent now: that of before, or the same once more. */
    void restored(OptionalLong revision, ConfObject before, ConfObject next, LeftOut leftOut) {
        ConfObject.Builder about = ConfObject.builder();
        revision.ifPresent(number -> about.put("revision", number));
        long cause = due;
        due = 0;
        applications(tell("configuration", before.equals(next) ? "reapplied" : "restored", about.build(), cause),
            revision, before, next, leftOut);
    }

    private void applications(long cause, OptionalLong revision, ConfObject before, ConfObject next, LeftOut leftOut) {
        ConfObject old = before.object(APPLICATIONS).orElse(ConfObject.EMPTY);
        ConfObject now = next.object(APPLICATIONS).orElse(ConfObject.EMPTY);
        Set<String> names = new LinkedHashSet<>(old.members().keySet());
        names.addAll(now.members().keySet());
        for (String name : names) {
            Optional<Conf> was = old.get(name);
            Optional<Conf> is = now.get(name);
            String failure = leftOut.applications().get(name);
            if (failure == null && was.equals(is)) {
                continue;
            }
            ConfObject.Builder about = about(name);
            revision.ifPresent(number -> about.put("revision", number));
            if (failure != null) {
                about.put("reason", cut(failure));
            }
            tell(APPLICATION, failure != null ? "failed" : was.isEmpty() ? "started" : is.isEmpty() ? "stopped"
                : "restarted", about.build(), cause);
        }
    }

    /** A client has restarted an application, or tried to. */
    void restarted(ControlRequest request, String name, Optional<String> failure) {
        ConfObject.Builder about = about(name).put("peer", request.peer().toConf());
        failure.ifPresent(reason -> about.put("reason", cut(reason)));
        tell(APPLICATION, failure.isPresent() ? "failed" : "restarted", about.build(), 0);
    }

    /** A client has stored or deleted a content. */
    void content(ControlRequest request, String noun, String name, String what) {
        tell(noun, what, ConfObject.builder().put("name", name).put("peer", request.peer().toConf()).build(), 0);
    }

    /** A bundle counts now, or does so no more. */
    public void module(String name, String version, boolean counts) {
        due = tell("module", counts ? "added" : "removed",
            ConfObject.builder().put("module", name).put("version", version).build(), 0);
    }

    /** Main tells of a process. */
    public void process(ConfObject told) {
        ConfObject.Builder about = ConfObject.builder();
        told.get("pid").ifPresent(pid -> about.put("pid", pid));
        told.string("kind").ifPresent(kind -> about.put("kind", cut(kind)));
        told.string(APPLICATION).ifPresent(name -> about.put(APPLICATION, cut(name)));
        boolean started = told.bool("started", false);
        long id = tell("process", started ? "started" : "ended", about.build(), 0);
        if (told.string("kind").filter("router"::equals).isPresent()) {
            due = id;
        }
    }

    private static ConfObject.Builder about(String application) {
        return ConfObject.builder().put(APPLICATION, application);
    }

    private static String cut(String text) {
        return text.length() <= LONGEST ? text : text.substring(0, LONGEST);
    }
}
