// SPDX-License-Identifier: Apache-2.0
package io.margay.dispatch;

/**
 * Counters of an application for the status ({@code spec/app-dispatch.md §10}).
 *
 * @param running ready workers
 * @param starting workers being started
 * @param idle workers without a request
 * @param active requests queued and running
 * @param detached workers that were told to leave and are still there
 * @param cancelled requests whose clients left before they were answered
 * @param failing whether no start has come to anything since the last worker that was of use
 */
public record PoolStatus(int running, int starting, int idle, int active, int detached, long cancelled,
    boolean failing) {
}
