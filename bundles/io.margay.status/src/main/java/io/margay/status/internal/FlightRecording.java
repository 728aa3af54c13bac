// SPDX-License-Identifier: Apache-2.0
package io.margay.status.internal;

import io.margay.conf.ConfObject;
import io.margay.status.Recorded;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import jdk.jfr.Recording;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;

/**
 * One recording of this process. The recorder keeps it in memory, some 10 MB, of which the oldest go first; when the
 * time is over it is written to a file without a name, from which it is read in pieces. It ends, and the file is gone,
 * when it was read or nobody asks for it any more. Its thread waits; all other methods do not.
 */
final class FlightRecording implements Runnable {

    /** Who has not asked again within this time has gone. */
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(20);
    /** Of a piece: with what JSON makes of it, less than an answer may have. */
    private static final int PIECE = 512 << 10;
    private static final long SAMPLE_MILLIS = 20;

    /** How far it is. */
    private enum State { STARTING, RECORDING, WRITING, READY, FAILED, ENDED }

    private final long seconds;
    private final BundleContext bundles;
    private final Runnable gone;
    private State state = State.STARTING;
    private String trouble = "";
    private long end;
    private long asked = System.nanoTime();
    private FileChannel file;

    /**
     * To be run by a thread of its own.
     *
     * @param bundles knows who makes events
     * @param gone run when nothing of it is left
     */
    FlightRecording(long seconds, BundleContext bundles, Runnable gone) {
        this.seconds = seconds;
        this.bundles = bundles;
        this.gone = gone;
    }

    @Override
    public void run() {
        try (Recording recording = new Recording()) {
            recording.setName("margay");
            recording.setToDisk(false);
            events(recording);
            recording.start();
            tell(true);
            try {
                record();
            } finally {
                tell(false);
            }
            if (is(State.WRITING)) {
                write(recording);
            }
        } catch (IOException | RuntimeException | LinkageError e) {
            fail(e);
        }
        keep();
        gone.run();
    }

    /** What shows where time and memory go; nothing that tells of the environment or of the command line. */
    private static void events(Recording recording) {
        recording.enable("jdk.ExecutionSample").withPeriod(Duration.ofMillis(SAMPLE_MILLIS));
        recording.enable("jdk.NativeMethodSample").withPeriod(Duration.ofMillis(SAMPLE_MILLIS));
        recording.enable("jdk.ObjectAllocationSample");
        recording.enable("jdk.CPULoad").withPeriod(Duration.ofSeconds(1));
        recording.enable("jdk.ThreadCPULoad").withPeriod(Duration.ofSeconds(1));
        for (String name : List.of("GarbageCollection", "GCPhasePause", "GCHeapSummary", "SafepointBegin",
            "Compilation", "Deoptimization", "ClassDefine", "ThreadStart", "ThreadEnd", "ExecuteVMOperation")) {
            recording.enable("jdk." + name);
        }
        for (String name : List.of("JavaMonitorEnter", "JavaMonitorWait", "ThreadPark", "ThreadSleep", "FileRead",
            "FileWrite")) {
            recording.enable("jdk." + name).withThreshold(Duration.ofMillis(1));
        }
    }

    private synchronized void record() {
        if (state != State.STARTING) {
            return;
        }
        state = State.RECORDING;
        end = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (state == State.RECORDING && isWanted()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                state = State.WRITING;
            } else {
                pause(Math.min(left, PATIENCE));
            }
        }
        if (state == State.RECORDING) {
            state = State.ENDED;
        }
    }

    private boolean isWanted() {
        return System.nanoTime() - asked < PATIENCE;
    }

    /** Others end it by {@link #end}, which wakes this. */
    private void pause(long nanos) {
        try {
            TimeUnit.NANOSECONDS.timedWait(this, Math.max(nanos, 1_000_000));
        } catch (InterruptedException e) {
            state = State.ENDED;
        }
    }

    private void write(Recording recording) throws IOException {
        // Nobody else may enter the folder; so it does not matter who may read the file.
        Path folder = Files.createTempDirectory("margay-recording-");
        Path path = folder.resolve("recording.jfr");
        FileChannel written;
        try {
            recording.dump(path);
            written = FileChannel.open(path);
        } finally {
            Files.deleteIfExists(path);
            Files.delete(folder);
        }
        synchronized (this) {
            file = written;
            state = state == State.WRITING ? State.READY : state;
            asked = System.nanoTime();
        }
    }

    private synchronized void fail(Throwable failure) {
        if (state != State.ENDED) {
            state = State.FAILED;
            trouble = String.valueOf(failure);
        }
    }

    /** Lets it be read. */
    private synchronized void keep() {
        while (state != State.ENDED && isWanted()) {
            pause(PATIENCE);
        }
        state = State.ENDED;
        try {
            if (file != null) {
                file.close();
            }
        } catch (IOException e) {
            trouble = String.valueOf(e);
        }
    }

    /** It may end now. */
    synchronized void end() {
        state = State.ENDED;
        notifyAll();
    }

    /** Whether it is there; one that has failed has been. */
    synchronized boolean isAlive() {
        return state != State.ENDED && state != State.FAILED;
    }

    private synchronized boolean is(State other) {
        return state == other;
    }

    private void tell(boolean now) {
        List<ServiceReference<Recorded>> sources;
        try {
            sources = new ArrayList<>(bundles.getServiceReferences(Recorded.class, null));
        } catch (InvalidSyntaxException | IllegalStateException e) {
            // The bundle has been stopped: who makes events is told by its own end.
            return;
        }
        for (ServiceReference<Recorded> source : sources) {
            Recorded recorded = bundles.getService(source);
            if (recorded != null) {
                recorded.recording(now);
            }
        }
    }

    synchronized ConfObject shown() {
        asked = System.nanoTime();
        ConfObject.Builder shown = ConfObject.builder().put("state", state.name().toLowerCase(Locale.ROOT));
        if (state == State.RECORDING) {
            shown.put("seconds_left", Math.max(0, TimeUnit.NANOSECONDS.toSeconds(end - System.nanoTime())));
        }
        return state == State.FAILED ? shown.put("error", trouble).build() : shown.build();
    }

    /**
     * {@return a piece, and whether it is the last; without one while it is not ready}
     *
     * @param offset of its first byte
     */
    synchronized ConfObject read(long offset) {
        if (state != State.READY) {
            return shown();
        }
        asked = System.nanoTime();
        try {
            long size = file.size();
            if (offset < 0 || offset > size) {
                throw new IllegalArgumentException("The recording has " + size + " bytes.");
            }
            ByteBuffer piece = ByteBuffer.allocate((int) Math.min(PIECE, size - offset));
            for (int count = 0; piece.hasRemaining() && count >= 0;) {
                count = file.read(piece, offset + piece.position());
            }
            return ConfObject.builder().put("data", Base64.getEncoder().encodeToString(piece.array()))
                .put("last", offset + piece.capacity() >= size).build();
        } catch (IOException e) {
            return ConfObject.builder().put("state", "failed").put("error", String.valueOf(e)).build();
        }
    }
}
