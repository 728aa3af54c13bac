// SPDX-License-Identifier: Apache-2.0
package io.margay.controller;

import io.margay.control.CertificateStore;
import io.margay.control.ControlReply;
import java.util.concurrent.CompletionStage;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The certificates of the configuration plane. On the loop's thread only. */
@Component
public final class PlaneCertificates implements CertificateStore {
    private final ConfigPlane plane;

    /** Inert until it is asked. */
    @Activate
    public PlaneCertificates(@Reference ConfigPlane plane) {
        this.plane = plane;
    }

    @Override
    public boolean has(String name) {
        return certificates().has(name);
    }

    @Override
    public CompletionStage<byte[]> load(String name) {
        return certificates().load(name);
    }

    @Override
    public CompletionStage<ControlReply> store(String name, byte[] pem, String who) {
        return certificates().bring(name, pem, who);
    }

    private UploadResource certificates() {
        return plane.opened().uploads().certificates();
    }
}
