// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

import io.margay.log.ErrorLog;
import io.margay.port.PortLog;
import org.osgi.annotation.versioning.ConsumerType;

/** The log as this bundle needs it, so that tests read the lines and one object serves ports too. */
@ConsumerType
public interface Journal extends PortLog {

    /** A fault of one operation. */
    void error(String text);

    /** Something worth knowing about an operation that went as it should. */
    void notice(String text);

    /** A step in the life of the server. */
    void info(String text);

    /** Writes to the error log of the process. */
    static Journal to(ErrorLog log) {
        return new Journal() {
            @Override
            public void alert(String text) {
                log.alert(text);
            }

            @Override
            public void error(String text) {
                log.error(text);
            }

            @Override
            public void warn(String text) {
                log.warn(text);
            }

            @Override
            public void notice(String text) {
                log.notice(text);
            }

            @Override
            public void info(String text) {
                log.info(text);
            }
        };
    }
}
