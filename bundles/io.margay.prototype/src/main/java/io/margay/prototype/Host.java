// SPDX-License-Identifier: Apache-2.0
package io.margay.prototype;

import io.margay.isolation.Account;
import io.margay.isolation.Server;
import java.util.Map;

/**
 * What main gives every prototype.
 *
 * @param server what main may do
 * @param accounts finds users
 * @param environment the environment that applications inherit
 * @param version product version for {@code SERVER_SOFTWARE}
 * @param outputRate bytes a second that an application may write to standard error
 * @param log the descriptor that this goes to
 */
public record Host(Server server, Account.Resolver accounts, Map<String, String> environment, String version,
                   long outputRate, int log) {

    /** The rate unless another is asked for: 1 MiB. */
    public static final long OUTPUT_RATE = 1 << 20;

    /** Copies the environment. */
    public Host {
        environment = Map.copyOf(environment);
    }
}
