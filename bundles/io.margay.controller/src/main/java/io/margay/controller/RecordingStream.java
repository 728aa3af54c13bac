// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ProcessQueries;
import java.util.Base64;
import java.util.Optional;
import java.util.concurrent.Flow;

/**
 * A recording on its way to a client: asks the process for a piece each time the client has taken the one before, at
 * first until there is one. When the client goes, the process is told to forget it; a process that hears nothing at all
 * does so by itself. On the loop only.
 */
final class RecordingStream implements Flow.Publisher<byte[]>, Flow.Subscription {
    /** The inspector of each process that records it. */
    static final String INSPECTOR = "recording";
    private static final long PAUSE_MILLIS = 500;

    private final ProcessQueries processes;
    private final String process;
    private Optional<Flow.Subscriber<? super byte[]>> client = Optional.empty();
    private long offset;
    private boolean whole;
    private boolean ended;

    RecordingStream(ProcessQueries processes, String process) {
        this.processes = processes;
        this.process = process;
    }

    @Override
    public void subscribe(Flow.Subscriber<? super byte[]> subscriber) {
        client = Optional.of(subscriber);
        subscriber.onSubscribe(this);
    }

    @Override
    public void request(long count) {
        if (whole && !ended) {
            // Only now has the client the last piece.
            ended = true;
            client.orElseThrow().onComplete();
            forget();
        } else {
            ask();
        }
    }

    private void ask() {
        if (!ended) {
            processes.ask(process, INSPECTOR, "read " + offset).whenComplete((answer, failure) -> {
                if (!ended) {
                    take(failure == null ? answer : Conf.of(WorkQueue.reason(WorkQueue.cause(failure))));
                }
            });
        }
    }

    private void take(Conf answer) {
        ConfObject told = answer instanceof ConfObject object ? object
            : ConfObject.builder().put("error", answer).build();
        Optional<String> data = told.string("data");
        if (data.isPresent()) {
            byte[] piece = Base64.getDecoder().decode(data.get());
            offset += piece.length;
            whole = told.bool("last", true);
            client.orElseThrow().onNext(piece);
        } else if (told.has("error") || told.string("state").filter("ended"::equals).isPresent()) {
            ended = true;
            client.orElseThrow().onError(new IllegalStateException(process + ": "
                + told.string("error").orElse("the recording has ended")));
            forget();
        } else {
            processes.after(PAUSE_MILLIS, this::ask);
        }
    }

    private void forget() {
        processes.ask(process, INSPECTOR, "end");
    }

    @Override
    public void cancel() {
        if (!ended) {
            ended = true;
            forget();
        }
    }
}
