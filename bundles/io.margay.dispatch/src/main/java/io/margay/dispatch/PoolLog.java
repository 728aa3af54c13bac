// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

import org.osgi.annotation.versioning.ConsumerType;

/** Where pools write what an administrator has to know; one line each, any thread. */
@ConsumerType
public interface PoolLog {

    /** Something went wrong. */
    void alert(String text);

    /** Something was refused or could not be done. */
    void warn(String text);
}
