// SPDX-License-Identifier: Apache-2.0
package io.margay.isolation;

/**
 * The mounts that a root gets by itself (spec/isolation.md §7).
 *
 * @param language the directories of the language runtime
 * @param tmpfs {@code /tmp}
 * @param procfs {@code /proc}
 */
public record Automount(boolean language, boolean tmpfs, boolean procfs) {
}
