// SPDX-License-Identifier: Apache-2.0
package io.margay.controller.internal;

import io.margay.conf.ConfParser;
import io.margay.conf.ConfSyntaxException;
import io.margay.control.ControlResources;
import io.margay.controller.ConfigPlane;
import io.margay.engine.EventLoop;
import io.margay.engine.EventLoops;
import io.margay.log.ErrorLog;
import io.margay.port.Rpc;
import io.margay.process.CoreChild;
import io.margay.process.Journal;
import io.margay.process.ProcessContext;
import io.margay.process.ProcessKind;
import io.margay.process.ProcessType;
import io.margay.process.StartException;
import io.margay.schema.Facts;
import io.margay.schema.Options;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The kind of the controller process. */
@Component(service = ProcessKind.class)
public final class ControllerKind implements ProcessKind {

    private static final ProcessType TYPE =
        ProcessType.read(ControllerKind.class, "/OSGI-INF/margay/process/controller.json");

    private static final byte[] TRAINING = ("{\"listeners\": {\"*:80\": {\"pass\": \"routes\"}}, \"routes\": [], "
        + "\"applications\": {\"a\": {\"type\": \"external\", \"executable\": "
        + "\"/a\"}}}").getBytes(StandardCharsets.US_ASCII);

    private final BundleContext bundles;
    private final Options options;
    private final ConfigPlane plane;
    private final ControlResources resources;
    private final ErrorLog log;

    /** Inert until {@link #start}. */
    @Activate
    public ControllerKind(BundleContext bundles, @Reference Options options, @Reference ConfigPlane plane,
            @Reference ControlResources resources, @Reference ErrorLog log) {
        this.bundles = bundles;
        this.options = options;
        this.plane = plane;
        this.resources = resources;
        this.log = log;
    }

    @Override
    public ProcessType type() {
        return TYPE;
    }

    @Override
    public void start(ProcessContext context) {
        EventLoop loop = EventLoops.create("controller", 1, log::failure).loop(0);
        CompletableFuture<Void> begun = new CompletableFuture<>();
        loop.execute(() -> {
            try {
                Journal journal = Journal.to(log);
                CoreChild child = new CoreChild(context.init().orElseThrow(), TYPE.word(), loop,
                    Rpc.OWNER_CONTROLLER, journal);
                options.whenUnusable(journal::alert);
                new ControllerProcess(context, child, bundles, options, plane, resources, journal).begin();
                begun.complete(null);
            } catch (RuntimeException e) {
                begun.completeExceptionally(e);
            }
        });
        try {
            begun.join();
        } catch (CompletionException e) {
            throw new StartException("controller failed to start: " + e.getCause().getMessage(), e.getCause());
        }
    }

    @Override
    public void train() {
        try {
            options.schema().validate(ConfParser.parse(TRAINING), Facts.of(type -> true));
        } catch (ConfSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }
}
