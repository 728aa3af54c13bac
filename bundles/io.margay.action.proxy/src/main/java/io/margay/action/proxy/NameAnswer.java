// SPDX-License-Identifier: Apache-2.0
package io.margay.action.proxy;

import java.net.InetAddress;
import java.util.List;

/**
 * What a name stands for.
 *
 * @param addresses at least one
 * @param seconds how long that is so, as those say who know; 0 or more
 */
record NameAnswer(List<InetAddress> addresses, long seconds) {
}
