// SPDX-License-Identifier: Apache-2.0
/**
 * System calls of Linux with glibc (x86-64 and aarch64) behind typed methods, bound by the foreign-function API.
 *
 * <p>Every function is looked up when it is first used. A failing call throws {@link io.margay.posix.PosixException};
 * the few methods made for hot paths return the negative errno instead where their Javadoc says so. Parameters
 * and results are never null. Descriptors that a method creates are always close-on-exec.
 */
@org.osgi.annotation.bundle.Export
@org.osgi.annotation.versioning.Version("1.1.0")
package io.margay.posix;
