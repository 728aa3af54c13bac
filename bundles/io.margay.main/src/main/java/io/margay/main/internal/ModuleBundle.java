// SPDX-License-Identifier: Apache-2.0
package io.margay.main.internal;

import io.margay.lang.LanguageModule;

/**
 * An installed language bundle.
 *
 * @param name symbolic name
 * @param version bundle version
 * @param jar the bytes that were installed; not to be changed
 * @param language its service
 */
record ModuleBundle(String name, String version, byte[] jar, LanguageModule language) {
}
