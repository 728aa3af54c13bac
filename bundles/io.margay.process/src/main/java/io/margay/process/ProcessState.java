// SPDX-License-Identifier: Apache-2.0
package io.margay.process;

/** How far a process has come ({@code spec/processes.md §3}). */
public enum ProcessState {
    /** Started; its set-up is running. */
    CREATING,
    /** Set up; main has done its part. */
    CREATED,
    /** Serving. */
    READY
}
