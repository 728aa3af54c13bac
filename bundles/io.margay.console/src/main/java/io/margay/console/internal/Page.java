// SPDX-License-Identifier: Apache-2.0
package io.margay.console.internal;

import io.margay.conf.Conf;
import io.margay.conf.ConfObject;
import io.margay.control.ServerControl;
import java.nio.channels.FileChannel;
import java.util.function.UnaryOperator;

/** One page of ours: what it shows as JSON, and what may be changed there. Many threads at a time. */
interface Page {

    /** {@return the last part of its address, which is also the name of its script and of its texts} */
    String label();

    /** {@return what it shows} The reply of a server that does not answer has a member {@code error}. */
    ConfObject data();

    /**
     * {@return more of what it shows, on request}
     *
     * @param question the query of the address, already decoded
     */
    default Conf detail(String question) {
        return ServerControl.problem("There is nothing of this name.");
    }

    /**
     * Changes something; the gate has let the request through.
     *
     * @param order what to do, in a member {@code action}, and with what
     * @param user in whose name
     * @return the server's reply
     */
    default ServerControl.Reply change(ConfObject order, ConsoleUser user) {
        return PageServlet.refused("This page changes nothing.");
    }

    /**
     * Takes a large content; the gate has let the request through.
     *
     * @param content the whole of it; closed by the caller
     * @param wish the value of a parameter of the address, empty when it is not there
     * @param user in whose name
     * @return the server's reply
     */
    default ServerControl.Reply upload(FileChannel content, UnaryOperator<String> wish, ConsoleUser user) {
        return PageServlet.refused("This page takes no files.");
    }
}
