// SPDX-License-Identifier: Apache-2.0
package io.margay.control.explain;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.conf.ConfWriter;
import io.margay.control.ControlReply;
import io.margay.control.ControlRequest;
import io.margay.control.ControlResource;
import io.margay.control.ProcessQueries;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code /control/explain}: has the router say which way a request would take. On the loop's thread only. */
@Component
public final class ExplainResource implements ControlResource {
    /** As the router takes it; a request head that is longer is refused before. */
    private static final int LONGEST = 12 << 10;

    private final ProcessQueries processes;

    /** Inert until it is asked. */
    @Activate
    public ExplainResource(@Reference ProcessQueries processes) {
        this.processes = processes;
    }

    @Override
    public String prefix() {
        return "/control/explain";
    }

    @Override
    public Set<String> methods() {
        return Set.of("GET");
    }

    @Override
    public CompletionStage<ControlReply> handle(ControlRequest request) {
        if (request.place().segments().size() != 2) {
            return CompletableFuture.completedFuture(ControlReply.missing());
        }
        byte[] question;
        try {
            question = ConfWriter.compact(Question.of(request.query()));
        } catch (IllegalArgumentException e) {
            return CompletableFuture.completedFuture(invalid(e.getMessage()));
        }
        if (question.length > LONGEST) {
            return CompletableFuture.completedFuture(invalid("The request to explain exceeds " + LONGEST + " bytes."));
        }
        return processes.ask("router", "explain", new String(question, StandardCharsets.UTF_8))
            .handle((answer, failure) -> failure == null ? reply(answer)
                : ControlReply.error(504, "Process does not answer.", "router: " + failure.getMessage()));
    }

    private static ControlReply reply(Conf answer) {
        return answer instanceof ConfObject object && object.string("error").isPresent()
            ? invalid(object.string("error").get()) : ControlReply.value(answer);
    }

    private static ControlReply invalid(String detail) {
        return ControlReply.error(400, "Invalid request.", detail);
    }
}
