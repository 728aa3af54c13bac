// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.status.AskedInspector;
import io.margay.status.Inspector;
import java.util.Optional;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.ComponentContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The inspector {@code recording}: has this process record itself by the JDK's flight recorder. One at a time; nothing
 * of the recorder is loaded before.
 *
 * <p>Questions: {@code start SECONDS}; {@code read OFFSET}, whose answer is a piece once it has ended; {@code end},
 * after which nothing of it is left.
 */
@Component(service = Inspector.class)
public final class RecordingInspector implements AskedInspector {

    private static final int MOST_SECONDS = 3600;

    private final BundleContext bundles;
    private final ServiceReference<?> self;
    private Optional<FlightRecording> recording = Optional.empty();

    /** Records nothing yet. */
    @Activate
    public RecordingInspector(BundleContext bundles, ComponentContext component) {
        this.bundles = bundles;
        this.self = component.getServiceReference();
    }

    @Override
    public String name() {
        return "recording";
    }

    @Override
    public synchronized Conf dump() {
        return recording.map(FlightRecording::shown).orElseGet(() ->
            ConfObject.builder().put("state", "none").build());
    }

    @Override
    public synchronized Conf answer(String question) {
        String[] words = question.split(" ", 2);
        long number = words.length == 2 && words[1].matches("[0-9]{1,15}") ? Long.parseLong(words[1]) : -1;
        switch (words[0]) {
            case "start" -> start(number);
            case "read" -> {
                return recording.orElseThrow(() -> new IllegalArgumentException("There is no recording.")).read(number);
            }
            case "end" -> end();
            default -> throw new IllegalArgumentException("The question is none of start, read and end.");
        }
        return dump();
    }

    private void start(long seconds) {
        if (seconds < 1 || seconds > MOST_SECONDS) {
            throw new IllegalArgumentException("A recording takes from 1 to " + MOST_SECONDS + " seconds.");
        }
        if (recording.filter(FlightRecording::isAlive).isPresent()) {
            throw new IllegalArgumentException("This process is being recorded already.");
        }
        if (ModuleLayer.boot().findModule("jdk.jfr").isEmpty()) {
            throw new IllegalArgumentException("This Java has no module jdk.jfr.");
        }
        // Who asks gives the service back at once; it is to stay as long as there is a recording.
        bundles.getService(self);
        recording = Optional.of(new FlightRecording(seconds, bundles, () -> bundles.ungetService(self)));
        Thread.ofPlatform().daemon().name("recording").start(recording.get());
    }

    /** A recording that runs ends with its component. */
    @Deactivate
    synchronized void end() {
        recording.ifPresent(FlightRecording::end);
        recording = Optional.empty();
    }
}
