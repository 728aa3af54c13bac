// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import io.margay.engine.EventLoop;
import io.margay.lang.AppSpec;
import io.margay.lang.Language;
import io.margay.log.ErrorLog;
import java.util.List;
import java.util.function.IntConsumer;
import org.osgi.annotation.versioning.ProviderType;

/** What the wire of one application works with. */
@ProviderType
public interface WireContext {

    /** The application. */
    AppSpec app();

    /** Its language. */
    Language language();

    /** The loops that serve clients; a request lives on one of them. */
    List<EventLoop> loops();

    /** Where decisions about processes are made. */
    EventLoop home();

    /** Orders processes. */
    ProcessControl processes();

    /** Takes what an administrator has to know. */
    ErrorLog log();

    /** The unfinished requests of a loop; to be used on that loop. */
    Jobs jobs(int loop);

    /** Runs something on each loop with its index, then something at home. */
    void onAllLoops(IntConsumer each, Runnable then);

    /** Tells that processes of a generation came or went other than by its workers; at home. */
    void changed(WireGeneration generation);

    /** Asks for another generation in the place of one that is worn out, as a restart makes it; any thread. */
    void replace(WireGeneration generation);
}
